// Sidetrack on a cluster: its manifests as people apply them, with the images of these sources.

import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { INJECT } from '../../core/annotations.ts'
import { until } from '../fixtures/until.ts'
import type { Cluster } from './cluster.ts'
import { buildImages, IMAGES } from './images.ts'
import type { Kubectl } from './kubectl.ts'
import { exclusively } from './mutex.ts'

const MANIFESTS = join(import.meta.dirname, '../../manifests')
const FIELDS = 'image-fields.yaml'

export const SYSTEM = 'sidetrack-system'

/**
 * Resolves when controllers and agents are available, and pods that ask for it are given a sidecar. What is installed already stays as it is, and nothing is taken away: the tests of a run share
 * the cluster. A cluster of the caller's own has the images, or pulls them.
 */
export async function installOn(cluster: Cluster): Promise<void> {
  const images = cluster.machines.length > 0 ? [await buildImages()] : []
  await exclusively('install', async () => {
    await cluster.load(...images)
    await withOverlay(images, (overlay) => cluster.kubectl.run(['apply', `--kustomize=${overlay}`]))
  })
  const rollout = (workload: string) =>
    cluster.kubectl.run(['-n', SYSTEM, 'rollout', 'status', workload, '--timeout=180s'])
  await Promise.all([rollout('deployment/sidetrack-controller'), rollout('daemonset/sidetrack-agent')])
  await until(() => injects(cluster.kubectl))
}

/** The API server takes a moment to hear of the webhook, and of the certificate that it trusts it by. */
async function injects(kubectl: Kubectl): Promise<boolean> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'trial', namespace: 'default', annotations: { [INJECT]: 'true' } },
    spec: { containers: [{ name: 'trial', image: 'none' }] },
  }
  const answer = await kubectl.run(['create', '--dry-run=server', '--output=json', '--filename=-'], JSON.stringify(pod))
  const { spec }: { readonly spec: { readonly initContainers?: readonly object[] } } = JSON.parse(answer)
  return spec.initContainers !== undefined
}

/** The kustomization that somebody with a registry of their own would write; a folder, for as long as `use` takes. */
async function withOverlay(images: readonly string[], use: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'sidetrack-overlay-'))
  try {
    await cp(join(MANIFESTS, FIELDS), join(folder, FIELDS))
    await writeFile(
      join(folder, 'kustomization.yaml'),
      JSON.stringify(kustomization(relative(folder, MANIFESTS), images)),
    )
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function kustomization(base: string, images: readonly string[]): object {
  return {
    resources: [base],
    configurations: [FIELDS],
    // Other images of the same name: what runs starts again.
    commonAnnotations: { 'sidetrack.dev/test-images': images.map((index) => basename(index)).join() },
    images: (['agent', 'sidecar'] as const).map((name) => {
      const [newName, newTag] = IMAGES[name].tag.split(':')
      return { name: `sidetrack/${name}`, newName, newTag }
    }),
  }
}
