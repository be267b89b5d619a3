// Sidetrack on a cluster: its manifests as people apply them, with the images of these sources.

import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Cluster } from './cluster.ts'
import { buildImages, IMAGES } from './images.ts'
import { exclusively } from './mutex.ts'

const MANIFESTS = join(import.meta.dirname, '../../manifests')
const FIELDS = 'image-fields.yaml'

export const SYSTEM = 'sidetrack-system'

/**
 * Resolves when the controller is available. What is installed already stays as it is, and nothing is taken away: the tests of a run share
 * the cluster. A cluster of the caller's own has the images, or pulls them.
 */
export async function installOn(cluster: Cluster): Promise<void> {
  const images = cluster.machines.length > 0 ? [await buildImages()] : []
  await exclusively('install', async () => {
    await cluster.load(...images)
    await withOverlay((overlay) => cluster.kubectl.run(['apply', `--kustomize=${overlay}`]))
  })
  await cluster.kubectl.run(['-n', SYSTEM, 'rollout', 'status', 'deployment/sidetrack-controller', '--timeout=90s'])
}

/** The kustomization that somebody with a registry of their own would write; a folder, for as long as `use` takes. */
async function withOverlay(use: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'sidetrack-overlay-'))
  try {
    await cp(join(MANIFESTS, FIELDS), join(folder, FIELDS))
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization(relative(folder, MANIFESTS))))
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function kustomization(base: string): object {
  return {
    resources: [base],
    configurations: [FIELDS],
    images: (['agent', 'sidecar'] as const).map((name) => {
      const [newName, newTag] = IMAGES[name].tag.split(':')
      return { name: `sidetrack/${name}`, newName, newTag }
    }),
  }
}
