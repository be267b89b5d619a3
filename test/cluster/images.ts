// The project's images, built from its Dockerfiles and from what `npm run build` makes of the sources; kept by their content.

import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodeBase, nodeImageOf } from './base-image.ts'
import { buildImage, saveImage } from './buildah.ts'
import { run } from './command.ts'
import { tidyLayout, useLayout, writeLayout } from './image-layout.ts'
import { exclusively } from './mutex.ts'
import { CACHE } from './programs.ts'

const ROOT = join(import.meta.dirname, '../..')
const LAYOUT = join(CACHE, 'layout')
const SHOP_SERVICES = 'examples/shop/services'
const MANIFESTS = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json']
const SOURCES = ['core', 'runtime', 'kubernetes', 'sidecar', 'agent', 'controller', 'cli', 'manifests', 'examples']
/** The test runner adds modules of its own to every Node that a test starts, with which the compiler does not start. */
const PLAIN = ['--unset=NODE_OPTIONS']

interface Recipe {
  /** As pods name it. */
  readonly tag: string
  readonly dockerfile: string
}

export const IMAGES = {
  agent: { tag: 'localhost/sidetrack/agent:dev', dockerfile: 'Dockerfile.agent' },
  sidecar: { tag: 'localhost/sidetrack/sidecar:dev', dockerfile: 'Dockerfile.sidecar' },
  shop: { tag: 'localhost/shop:dev', dockerfile: 'test/cluster/images/Dockerfile.shop' },
} as const satisfies Record<string, Recipe>

/** What the end-to-end tests need beside the project's own. */
export const POSTGRES = {
  tag: 'localhost/postgres:dev',
  dockerfile: 'test/cluster/images/Dockerfile.postgres',
} as const

/** Builds all of them, or finds those that were built from the same sources, and answers their index in the layout. */
export async function buildImages(): Promise<string> {
  return built(`sidetrack-${await fingerprint()}`, async () => {
    const context = await mkdtemp(join(CACHE, 'context-'))
    try {
      await compile(context)
      for (const recipe of Object.values(IMAGES)) await buildRecipe(recipe, context)
    } finally {
      await rm(context, { recursive: true, force: true })
    }
    return Object.values(IMAGES)
  })
}

/** PostgreSQL of the base's distribution. */
export async function buildPostgres(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(ROOT, POSTGRES.dockerfile)))
  return built(`postgres-${hash.digest('hex').slice(0, 16)}`, async () => {
    await buildRecipe(POSTGRES, dirname(join(ROOT, POSTGRES.dockerfile)))
    return [POSTGRES]
  })
}

/** The index of the set `name`; `build` makes what is in it. */
async function built(name: string, build: () => Promise<readonly Recipe[]>): Promise<string> {
  const index = join(LAYOUT, `${name}.json`)
  return exclusively('images', async () => {
    if (await useLayout(index)) return index
    await nodeBase(nodeImageOf(join(ROOT, IMAGES.agent.dockerfile)))
    const recipes = await build()
    const draft = await mkdtemp(join(CACHE, 'images-'))
    try {
      const archives = recipes.map((_, i) => join(draft, `${i}.tar`))
      for (const [i, { tag }] of recipes.entries()) await saveImage(tag, archives[i] ?? '')
      await writeLayout(LAYOUT, name, archives)
    } finally {
      await rm(draft, { recursive: true })
    }
    await tidyLayout(LAYOUT)
    return index
  })
}

async function buildRecipe({ tag, dockerfile }: Recipe, context: string): Promise<void> {
  const ignoreFile = join(ROOT, `${dockerfile}.dockerignore`)
  const ignore = existsSync(ignoreFile) ? { ignoreFile } : {}
  await buildImage({ tag, context, dockerfile: join(ROOT, dockerfile), ...ignore })
}

/** `npm run build` on a copy of the sources: tests that run at the same time have builds of their own. */
async function compile(context: string): Promise<void> {
  for (const name of [...MANIFESTS, ...SOURCES]) {
    if (existsSync(join(ROOT, name))) await cp(join(ROOT, name), join(context, name), { recursive: true })
  }
  await symlink(join(ROOT, 'node_modules'), join(context, 'node_modules'))
  await run('env', [...PLAIN, 'npm', 'run', 'build'], { cwd: context })
  const services = (await readdir(join(context, SHOP_SERVICES))).map((name) => join(SHOP_SERVICES, name))
  const bundle = ['--bundle', '--platform=node', '--format=esm', '--out-extension:.js=.mjs', '--outdir=dist/shop']
  await run('env', [...PLAIN, 'npx', 'esbuild', ...services, ...bundle], { cwd: context })
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
  const hash = createHash('sha256').update(JSON.stringify(IMAGES))
  for (const file of files.toSorted()) {
    if (existsSync(join(ROOT, file)))
      hash
        .update(`${file}\0`)
        .update(await readFile(join(ROOT, file)))
        .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}
