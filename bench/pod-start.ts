// How much later a pod is ready because it has a sidecar: on the cluster of KUBECONFIG, in which Sidetrack is installed, pod by pod, one with
// a sidecar and one without in turn.

import { setTimeout as sleep } from 'node:timers/promises'
import { INJECT, INJECTED } from '../core/annotations.ts'
import { Client } from '../kubernetes/client.ts'
import { kubeconfigCredentials } from '../kubernetes/credentials/kubeconfig.ts'
import { KubernetesError } from '../kubernetes/kubernetes-error.ts'
import { startReflector } from '../kubernetes/reflector.ts'
import { DEPLOYMENTS, NAMESPACES, type Pod, PODS } from '../kubernetes/resources/builtin.ts'
import { lineLog } from '../runtime/line-log.ts'
import { type Budget, formatBudget } from './budget.ts'
import { percentile, spread } from './median.ts'
import type { Progress } from './progress.ts'
import { formatTable, number, range, type Row } from './table.ts'

export interface PodStart {
  readonly injected: boolean
  /** From the request that creates it until a watch says that it is Ready. */
  readonly ms: number
}

const SYSTEM = 'sidetrack-system'
const LIMIT_MS = 60_000
const KINDS = [false, true]

/** The first pair is not counted: it loads what later ones find. */
export async function measurePodStarts(
  pods: number,
  signal: AbortSignal,
  progress: Progress,
): Promise<readonly PodStart[]> {
  const client = new Client(await kubeconfigCredentials({ file: process.env['KUBECONFIG'] }), 'sidetrack-bench')
  const namespace = `sidetrack-bench-${process.pid}`
  const end = new AbortController()
  const watch = new PodWatch(client, namespace, AbortSignal.any([signal, end.signal]))
  try {
    const image = await sidecarImage(client)
    await client.create(NAMESPACES, { metadata: { name: namespace } }, signal)
    await takesPods(client, namespace, image, signal)
    const starts: PodStart[] = []
    for (let index = 0; index <= pods; index++) {
      for (const injected of KINDS) {
        progress(`pod ${index} of ${pods}, ${injected ? 'with' : 'without'} a sidecar`)
        const name = `pod-${index}-${injected ? 'injected' : 'plain'}`
        const start = performance.now()
        await client.create(PODS, podOf({ namespace, name }, image, injected), signal)
        const { at, pod } = await watch.ready(name)
        if ((pod.metadata.annotations?.[INJECTED] !== undefined) !== injected)
          throw new Error(`the pod ${name} ${injected ? 'got no sidecar' : 'got a sidecar'}`)
        if (index > 0) starts.push({ injected, ms: at - start })
        await client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 }, signal)
      }
    }
    return starts
  } finally {
    end.abort()
    await client.delete(NAMESPACES, { name: namespace })
    client.close()
  }
}

/** Resolves when the namespace has its service account, without which no pod is created in it. */
async function takesPods(client: Client, namespace: string, image: string, signal: AbortSignal): Promise<void> {
  const name = 'first'
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  const create = () => client.create(PODS, podOf({ namespace, name }, image, false), limit)
  const created = () =>
    create().then(
      () => true,
      (error: unknown) => {
        if (error instanceof KubernetesError && /serviceaccount/.test(error.message)) return false
        throw error
      },
    )
  while (!(await created())) await sleep(50, undefined, { signal: limit })
  await client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 }, signal)
}

/** Which all nodes that had an injected pod have already. */
async function sidecarImage(client: Client): Promise<string> {
  const { spec } = await client.get(DEPLOYMENTS, { namespace: SYSTEM, name: 'sidetrack-controller' })
  const settings = spec?.template.spec?.containers.flatMap(({ env = [] }) => env) ?? []
  const image = settings.find(({ name }) => name === 'SIDETRACK_SIDECAR_IMAGE')?.value
  if (image === undefined) throw new Error(`the controller in ${SYSTEM} names no sidecar image`)
  return image
}

function podOf(at: { readonly namespace: string; readonly name: string }, image: string, injected: boolean) {
  const command = ['/usr/local/bin/node', '--eval', 'setInterval(() => {}, 1e6)']
  return {
    metadata: { ...at, annotations: { [INJECT]: String(injected) } },
    spec: {
      terminationGracePeriodSeconds: 0,
      // Not the user of sidecars, which is the image's own.
      securityContext: { runAsUser: 1000 },
      containers: [{ name: 'app', image, command }],
    },
  }
}

export class PodWatch {
  readonly #ready = new Map<string, (seen: { readonly at: number; readonly pod: Pod }) => void>()

  constructor(client: Client, namespace: string, signal: AbortSignal) {
    const put = (pod: Pod): void => {
      const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
      if (isReady) this.#ready.get(pod.metadata.name)?.({ at: performance.now(), pod })
    }
    const handler = { replaced: (pods: readonly Pod[]) => pods.forEach(put), put, removed() {}, bookmark() {} }
    startReflector(client, PODS, { namespace, log: lineLog('warn', {}, () => {}) }, handler, signal)
  }

  async ready(name: string): Promise<{ readonly at: number; readonly pod: Pod }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly at: number; readonly pod: Pod }>()
    const timer = setTimeout(() => reject(new Error(`the pod ${name} is not ready after ${LIMIT_MS} ms`)), LIMIT_MS)
    this.#ready.set(name, resolve)
    return promise.finally(() => clearTimeout(timer))
  }
}

function seconds(starts: readonly PodStart[], kind: boolean): readonly number[] {
  return starts.filter((each) => each.injected === kind).map(({ ms }) => ms / 1000)
}

export function podStartBudget(starts: readonly PodStart[]): Budget {
  const measured = spread(seconds(starts, true)).median - spread(seconds(starts, false)).median
  return { what: 'a pod with a sidecar is ready later, median', measured, limit: 1.3, unit: ' s' }
}

export function formatPodStarts(starts: readonly PodStart[]): string {
  const [plain = [], injected = []] = KINDS.map((kind) => seconds(starts, kind))
  return [
    formatTable(
      ['seconds to Ready', 'median', 'p90'],
      [row('without a sidecar', plain), row('with a sidecar', injected)],
    ),
    '',
    `${plain.length} pods of each kind, one after the other`,
    '',
    formatBudget(podStartBudget(starts)),
  ].join('\n')
}

function row(name: string, values: readonly number[]): Row {
  return [name, range(spread(values), 2), number(percentile(values, 0.9), 2)]
}
