// Twenty pods that call one Service: what their proxies hold, and how long a new sandbox takes to be right in all of them.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../progress.ts'
import { tableKeys } from '../rule.ts'
import { memoryOf, type Memory } from './containers.ts'
import { type Declared, declare } from './declared.ts'
import { type Bench, type Hop, proxiesOf, startHop } from './hop.ts'
import { sharedBy } from './shared.ts'
import { ISTIO_TLS, SIDETRACK, type Subject } from './subject.ts'

export interface PodsMemory {
  readonly subject: string
  /** Of each pod's proxy: for Istio its agent and Envoy. */
  readonly pods: readonly Memory[]
  /** What is there once for a node or for the cluster. */
  readonly shared: readonly { readonly name: string; readonly memory: Memory }[]
}

export interface TwentyResult {
  readonly memory: readonly PodsMemory[]
  readonly declared: readonly Declared[]
}

export const TWENTY = 20
const COMPARED: readonly Subject[] = [SIDETRACK, ISTIO_TLS]
/** Fresh processes are still at work for a moment. */
const SETTLE_MS = 3000

export async function measureTwenty(
  bench: Bench,
  istiod: number,
  trials: number,
  progress: Progress,
): Promise<TwentyResult> {
  const memory: PodsMemory[] = []
  const declared: Declared[] = []
  for (const subject of COMPARED) {
    progress(`${subject.name}: ${TWENTY} pods`)
    const hop = await startHop(bench, subject, `twenty-${subject.mesh}`, tableKeys(10), TWENTY)
    try {
      await sleep(SETTLE_MS, undefined, { signal: bench.signal })
      memory.push(await memoryWith(bench, hop, istiod))
      for (let trial = 0; trial < trials; trial++) {
        for (const what of ['route', 'fork'] as const) {
          progress(`${subject.name}: a new ${what}, trial ${trial + 1} of ${trials}`)
          declared.push(await declare(bench, hop, hop.clients, what, trial))
        }
      }
    } finally {
      await hop.stop()
    }
  }
  return { memory, declared }
}

async function memoryWith(bench: Bench, hop: Hop, istiod: number): Promise<PodsMemory> {
  const shared = await sharedBy(bench, hop.subject, istiod)
  return {
    subject: hop.subject.name,
    pods: proxiesOf(hop.client).map(({ pids }) => memoryOf(pids)),
    shared: shared.map(({ name, pids }) => ({ name, memory: memoryOf(pids) })),
  }
}
