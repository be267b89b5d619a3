// How much later a pod is ready because it has a proxy: pods without one, with Sidetrack's and with Istio's, in turn.

import { setTimeout as sleep } from 'node:timers/promises'
import { PODS } from '../../kubernetes/resources/builtin.ts'
import { PodWatch } from '../pod-start.ts'
import type { Progress } from '../progress.ts'
import type { Bench } from './hop.ts'
import { ISTIO, marksFor, namespaceObject, NO_PROXY, podContainer, SIDETRACK } from './subject.ts'

export interface Start {
  readonly subject: string
  readonly ms: number
}

/** A pod that calls has its proxy whatever the called side has. */
const MESHES = { none: NO_PROXY.name, sidetrack: 'Sidetrack', istio: 'Istio' } as const
const NAMESPACE = 'starts'
/** The controller watches it, and the API server gives it its service account. */
const SETTLE_MS = 2000

/** The first of each is not counted: it loads what later ones find. */
export async function measureStarts(bench: Bench, pods: number, progress: Progress): Promise<readonly Start[]> {
  const { cluster, signal } = bench
  const end = new AbortController()
  const watch = new PodWatch(cluster.client, NAMESPACE, AbortSignal.any([signal, end.signal]))
  const starts: Start[] = []
  try {
    await cluster.apply([namespaceObject(SIDETRACK, NAMESPACE)])
    await sleep(SETTLE_MS, undefined, { signal })
    for (let index = 0; index <= pods; index++) {
      for (const subject of [NO_PROXY, SIDETRACK, ISTIO]) {
        const name = `pod-${index}-${subject.mesh}`
        progress(name)
        const marks = marksFor(subject, 'client')
        const spec = { terminationGracePeriodSeconds: 0, containers: [podContainer('baseline')] }
        const start = performance.now()
        await cluster.client.create(PODS, { metadata: { namespace: NAMESPACE, name, ...marks }, spec }, signal)
        const { at } = await watch.ready(name)
        if (index > 0) starts.push({ subject: MESHES[subject.mesh], ms: at - start })
        await cluster.client.delete(PODS, { namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 }, signal)
      }
    }
    return starts
  } finally {
    end.abort()
    await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'])
  }
}
