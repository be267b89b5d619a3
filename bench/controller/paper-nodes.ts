// What the controllers of Kubernetes and the kubelets would do for forks, as far as the controller looks at it: pods that are ready at once,
// and their endpoints. Counts its writes.

import type { Client } from '../../kubernetes/client.ts'
import { startReflector } from '../../kubernetes/reflector.ts'
import { DEPLOYMENTS, type Deployment, ENDPOINT_SLICES, PODS } from '../../kubernetes/resources/builtin.ts'
import { lineLog } from '../../runtime/line-log.ts'

export interface PaperNodes {
  readonly writes: () => number
  /** When the endpoints of a fork were last written, by its name. */
  readonly endpointsAt: ReadonlyMap<string, number>
  readonly done: Promise<unknown>
}

export function startPaperNodes(client: Client, signal: AbortSignal): PaperNodes {
  let writes = 0
  let addresses = 0
  const versions = new Map<string, { readonly version: string; readonly pod: string }>()
  const endpointsAt = new Map<string, number>()
  const work = new Set<Promise<void>>()

  async function run(fork: Deployment): Promise<void> {
    const { namespace = '', name } = fork.metadata
    const id = `${namespace}/${name}`
    const template = fork.spec?.template
    const version = template?.metadata?.annotations?.['sidetrack.dev/version'] ?? ''
    const before = versions.get(id)
    if (before?.version === version) return
    const address = `10.${1 + ((addresses >> 16) & 127)}.${(addresses >> 8) & 255}.${addresses++ & 255}`
    const pod = `${name}-${addresses}`
    versions.set(id, { version, pod })
    const at = { namespace, name: pod }
    const { uid } = await client
      .create(PODS, {
        metadata: { ...at, labels: template?.metadata?.labels, annotations: template?.metadata?.annotations },
        spec: { ...template?.spec, containers: template?.spec?.containers ?? [], nodeName: 'node-a' },
      })
      .then(({ metadata }) => metadata)
    await client.applyStatus(PODS, {
      metadata: at,
      status: {
        phase: 'Running',
        podIP: address,
        podIPs: [{ ip: address }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    })
    const status = { observedGeneration: fork.metadata.generation ?? 1 }
    await client.applyStatus(DEPLOYMENTS, { metadata: { namespace, name }, status }, { force: true })
    await client.apply(
      ENDPOINT_SLICES,
      {
        metadata: {
          namespace,
          name: `${name}-x`,
          labels: {
            'kubernetes.io/service-name': name,
            'sidetrack.dev/service': name,
            'sidetrack.dev/sandbox': fork.metadata.labels?.['sidetrack.dev/sandbox'] ?? '',
          },
        },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: [{ addresses: [address], conditions: { ready: true }, targetRef: { kind: 'Pod', name: pod, uid } }],
      },
      { force: true },
    )
    endpointsAt.set(id, performance.now())
    writes += 4
    if (before !== undefined && (await client.delete(PODS, { namespace, name: before.pod }, { gracePeriodSeconds: 0 })))
      writes++
  }

  async function end({ metadata: { namespace = '', name } }: Deployment): Promise<void> {
    const known = versions.get(`${namespace}/${name}`)
    versions.delete(`${namespace}/${name}`)
    if (known !== undefined && (await client.delete(PODS, { namespace, name: known.pod }, { gracePeriodSeconds: 0 })))
      writes++
    if (await client.delete(ENDPOINT_SLICES, { namespace, name: `${name}-x` })) writes++
  }

  const begin = (promise: Promise<void>): void => {
    const guarded = promise.catch((error: unknown) => {
      if (!signal.aborted) console.error(`bench: ${String(error)}`)
    })
    work.add(guarded)
    void guarded.then(() => work.delete(guarded))
  }
  const handler = {
    replaced: (forks: readonly Deployment[]) => forks.forEach((fork) => begin(run(fork))),
    put: (fork: Deployment) => begin(run(fork)),
    removed: (fork: Deployment) => begin(end(fork)),
    bookmark: () => {},
  }
  const options = {
    labelSelector: 'sidetrack.dev/sandbox',
    log: lineLog('warn', {}, (line) => process.stderr.write(line)),
  }
  const { done } = startReflector(client, DEPLOYMENTS, options, handler, signal)
  return { writes: () => writes, endpointsAt, done: done.then(() => Promise.all(work)) }
}
