// The project's images, built from its Dockerfiles and from what `npm run build` makes of the sources; kept by their content.

import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { nodeBase, nodeImageOf } from './base-image.ts'
import { buildImage, saveImage } from './buildah.ts'
import { run } from './command.ts'
import { exclusively } from './mutex.ts'
import { CACHE } from './programs.ts'

const ROOT = join(import.meta.dirname, '../..')
const ARCHIVES = join(CACHE, 'images')
const SHOP_SERVICES = 'examples/shop/services'
const MANIFESTS = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json']
const SOURCES = ['core', 'runtime', 'kubernetes', 'sidecar', 'agent', 'controller', 'cli', 'examples']
/** Archives of so many sources are kept. */
const KEPT = 2

interface Recipe {
  /** As pods name it. */
  readonly tag: string
  readonly dockerfile: string
}

export const IMAGES = {
  agent: { tag: 'localhost/sidetrack-agent:dev', dockerfile: 'Dockerfile.agent' },
  sidecar: { tag: 'localhost/sidetrack-sidecar:dev', dockerfile: 'Dockerfile.sidecar' },
  shop: { tag: 'localhost/shop:dev', dockerfile: 'test/cluster/images/Dockerfile.shop' },
} as const satisfies Record<string, Recipe>

/** Builds all of them, or finds those that were built from the same sources, and answers their archives. */
export async function buildImages(): Promise<readonly string[]> {
  const folder = join(ARCHIVES, await fingerprint())
  if (!existsSync(folder)) await exclusively('images', async () => existsSync(folder) || build(folder))
  return Object.keys(IMAGES).map((name) => join(folder, `${name}.tar`))
}

async function build(folder: string): Promise<void> {
  await mkdir(ARCHIVES, { recursive: true })
  await nodeBase(nodeImageOf(join(ROOT, IMAGES.agent.dockerfile)))
  const context = await mkdtemp(join(CACHE, 'context-'))
  const draft = await mkdtemp(join(CACHE, 'images-'))
  try {
    await compile(context)
    for (const [name, { tag, dockerfile }] of Object.entries(IMAGES)) {
      const ignoreFile = join(ROOT, `${dockerfile}.dockerignore`)
      await buildImage({
        tag,
        context,
        dockerfile: join(ROOT, dockerfile),
        ...(existsSync(ignoreFile) ? { ignoreFile } : {}),
      })
      await saveImage(tag, join(draft, `${name}.tar`))
    }
    await rename(draft, folder)
  } finally {
    await Promise.all([context, draft].map((each) => rm(each, { recursive: true, force: true })))
  }
  await removeOldest()
}

/** `npm run build` on a copy of the sources: tests that run at the same time have builds of their own. */
async function compile(context: string): Promise<void> {
  for (const name of [...MANIFESTS, ...SOURCES]) {
    if (existsSync(join(ROOT, name))) await cp(join(ROOT, name), join(context, name), { recursive: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(context, 'node_modules'))
  await run('npm', ['run', 'build'], { cwd: context })
  const services = (await readdir(join(context, SHOP_SERVICES))).map((name) => join(SHOP_SERVICES, name))
  const bundle = ['--bundle', '--platform=node', '--format=esm', '--out-extension:.js=.mjs', '--outdir=dist/shop']
  await run('npx', ['esbuild', ...services, ...bundle], { cwd: context })
  await rm(join(context, 'node_modules'))
}

/** Of all that goes into the images. */
async function fingerprint(): Promise<string> {
  const files = [
    ...MANIFESTS,
    ...Object.values(IMAGES).flatMap(({ dockerfile }) => [dockerfile, `${dockerfile}.dockerignore`]),
  ]
  for (const folder of SOURCES) {
    if (!existsSync(join(ROOT, folder))) continue
    const names = await readdir(join(ROOT, folder), { recursive: true })
    files.push(...names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name)))
  }
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    if (existsSync(join(ROOT, file)))
      hash
        .update(`${file}\0`)
        .update(await readFile(join(ROOT, file)))
        .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}

async function removeOldest(): Promise<void> {
  const folders = (await readdir(ARCHIVES)).map((name) => join(ARCHIVES, name))
  const aged = await Promise.all(folders.map(async (folder) => ({ folder, time: (await stat(folder)).mtimeMs })))
  const old = aged.toSorted((a, b) => b.time - a.time).slice(KEPT)
  for (const { folder } of old) await rm(folder, { recursive: true })
}
