// What stands in for the official Node image, where no registry can be reached: Debian's own packages and the same Node, under the
// same name. Dockerfiles build on it unchanged.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildImage, STORE } from './buildah.ts'
import { run } from './command.ts'
import { CACHE } from './programs.ts'

const IMAGES = join(import.meta.dirname, 'images')
const SUITE = 'bookworm'
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const NPM = 'npm@11.21.2'
const DEBIAN = 'localhost/debian:bookworm-slim'

/** The base that a Dockerfile names, `ARG NODE_IMAGE=…`. Throws if it is another Node than the one that runs the tests. */
export function nodeImageOf(dockerfile: string): string {
  const tag = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(dockerfile, 'utf8'))?.[1]
  if (tag === `node:${process.versions.node}-${SUITE}-slim`) return tag
  throw new Error(`${dockerfile} is built on ${tag}, but the tests run on Node ${process.versions.node}`)
}

/** Debian as its slim images have it: without documentation, translations and caches. */
async function debianBase(): Promise<void> {
  const root = await mkdtemp(join(CACHE, 'debian-'))
  try {
    await run('debootstrap', ['--variant=minbase', '--include=libatomic1', SUITE, root, await mirror()])
    const rest = ['usr/share/doc', 'usr/share/locale', 'usr/share/man', 'var/cache/apt', 'var/lib/apt/lists', 'var/log']
    for (const folder of rest) {
      await rm(join(root, folder), { recursive: true })
      await mkdir(join(root, folder))
    }
    const dpkg = rest.slice(0, 3).map((folder) => `path-exclude /${folder}/*\n`)
    await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/slim'), dpkg.join(''))
    await buildImage({ tag: DEBIAN, dockerfile: join(IMAGES, 'Dockerfile.debian'), context: root })
  } finally {
    await rm(root, { recursive: true })
  }
}

/** Where this machine's own apt fetches the suite from. */
async function mirror(): Promise<string> {
  const targets = await run('apt-get', ['indextargets', '--format', '$(CODENAME) $(COMPONENT) $(REPO_URI)'])
  const found = targets.split('\n').find((line) => line.startsWith(`${SUITE} main `))
  if (found === undefined) throw new Error(`apt has no source for ${SUITE} main: add one to /etc/apt/sources.list`)
  return found.slice(`${SUITE} main `.length)
}

/** Node, npm and the user `node`, as the official image has them. */
export async function nodeBase(tag: string): Promise<void> {
  const done = join(STORE, `base-${recipe(tag)}`)
  if (existsSync(done)) return
  await debianBase()
  const root = await mkdtemp(join(CACHE, 'node-'))
  try {
    await mkdir(join(root, 'usr/local/bin'), { recursive: true })
    await mkdir(join(root, 'usr/local/etc'), { recursive: true })
    await mkdir(join(root, 'etc/ssl/certs'), { recursive: true })
    await copyFile(process.execPath, join(root, 'usr/local/bin/node'))
    await run('npm', ['install', '--global', `--prefix=${join(root, 'usr/local')}`, NPM])
    // A build trusts whom this machine trusts, and fetches from where it fetches.
    await copyFile(CERTIFICATES, join(root, CERTIFICATES))
    const registry = (await run('npm', ['config', 'get', 'registry'])).trim()
    await writeFile(join(root, 'usr/local/etc/npmrc'), `cafile=${CERTIFICATES}\nregistry=${registry}\n`)
    await buildImage({ tag, dockerfile: join(IMAGES, 'Dockerfile.node'), context: root })
    await writeFile(done, '')
  } finally {
    await rm(root, { recursive: true })
  }
}

/** Of all that says what is in it. */
function recipe(tag: string): string {
  const hash = createHash('sha256').update(tag)
  for (const file of [import.meta.filename, join(IMAGES, 'Dockerfile.debian'), join(IMAGES, 'Dockerfile.node')])
    hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}
