// An image archive of one layer from a folder, without any tool but tar: the same folder gives the same bytes.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from './command.ts'

export interface ImageConfig {
  readonly name: string
  readonly entrypoint: readonly string[]
  readonly env?: readonly string[]
}

const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch

/** Writes a docker-archive to `output`. */
export async function packFolder(folder: string, image: ImageConfig, output: string): Promise<void> {
  const draft = await mkdtemp(join(dirname(output), 'image-'))
  try {
    await tar(join(draft, 'layer.tar'), folder, ['.'])
    const layer = sha256(readFileSync(join(draft, 'layer.tar')))
    const config = JSON.stringify({
      architecture: ARCHITECTURE,
      os: 'linux',
      config: { Entrypoint: image.entrypoint, Env: image.env ?? [] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    })
    const manifest = [{ Config: 'config.json', RepoTags: [image.name], Layers: ['layer.tar'] }]
    await writeFile(join(draft, 'config.json'), config)
    await writeFile(join(draft, 'manifest.json'), JSON.stringify(manifest))
    await tar(join(draft, 'image.tar'), draft, ['config.json', 'layer.tar', 'manifest.json'])
    await rename(join(draft, 'image.tar'), output)
  } finally {
    await rm(draft, { recursive: true })
  }
}

/** An archive that says nothing of who packed it and when. */
async function tar(output: string, folder: string, members: readonly string[]): Promise<void> {
  const neutral = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar']
  await run('tar', ['-c', ...neutral, '-f', output, '-C', folder, ...members])
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
