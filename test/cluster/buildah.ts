// buildah with a store of its own in the cache: no daemon, no registry.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './command.ts'
import { CACHE } from './programs.ts'

export const STORE = join(CACHE, 'buildah')
const STORAGE = ['--root', STORE, '--runroot', '/tmp/sidetrack-buildah', '--storage-driver', 'overlay']

export interface Build {
  readonly tag: string
  readonly dockerfile: string
  readonly context: string
  readonly ignoreFile?: string
  /** Steps that were done before are not done again. */
  readonly cached?: boolean
}

/** Builds as `docker build` would; the base has to be in the store. Layers say nothing of when they were made. */
export async function buildImage({ tag, dockerfile, context, ignoreFile, cached = true }: Build): Promise<void> {
  await buildah([
    'build',
    '--isolation=chroot',
    '--network=host',
    '--pull-never',
    '--force-rm',
    '--timestamp=0',
    cached ? '--layers' : '--no-cache',
    ...(ignoreFile === undefined ? [] : [`--ignorefile=${ignoreFile}`]),
    `--file=${dockerfile}`,
    `--tag=${tag}`,
    context,
  ])
}

/** Writes a docker-archive. */
export async function saveImage(tag: string, archive: string): Promise<void> {
  await buildah(['push', tag, `docker-archive:${archive}:${tag}`])
}

async function buildah(args: readonly string[]): Promise<string> {
  await mkdir(CACHE, { recursive: true })
  // In a mount namespace of its own: what a build that was stopped has mounted is gone with it.
  return run('unshare', ['--mount', 'buildah', ...STORAGE, ...args])
}
