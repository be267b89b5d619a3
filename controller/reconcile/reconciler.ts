// The loop of the replica that leads: follows the cluster, looks at what changed, and makes it as it should be.

import type { Client } from '../../kubernetes/client.ts'
import { report } from '../../kubernetes/event.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { ReflectorTiming } from '../../kubernetes/reflector.ts'
import type { Log } from '../../runtime/log.ts'
import { InForce } from '../programmed/in-force.ts'
import { Queue } from '../queue/queue.ts'
import type { SandboxLimits } from '../sandbox/shape.ts'
import { followCluster } from '../view/follow.ts'
import { Neighbourhoods } from '../view/neighbourhoods.ts'
import { type Look, NO_TRACING } from '../tracing.ts'
import { View } from '../view/view.ts'
import { Claims } from './claims.ts'
import { reconcileRoute } from './foreign-route.ts'
import { reconcileGroup } from './group.ts'
import { Inquiry } from './inquiry.ts'
import { type Parts, type Target, targetKey } from './parts.ts'
import { Gaps } from './gaps.ts'
import { reconcileSandbox } from './sandbox.ts'
import { reconcileTable } from './table.ts'
import { everything } from './targets.ts'
import { triggers } from './triggers.ts'
import { VolumeClaims } from './volume-claims.ts'

export interface ReconcilerOptions {
  readonly client: Client
  readonly log: Log
  /** Of the installation. */
  readonly namespace: string
  /** This replica. */
  readonly pod: string
  readonly limits: SandboxLimits
  readonly metrics: ReconcileMetrics
  /** Runs each look; as it is if not given. */
  readonly look?: Look
  /** Other times than usual. */
  readonly timing?: ReflectorTiming
}

export interface ReconcileMetrics {
  /** Something of this kind was looked at. */
  reconciled(kind: Target['kind'], seconds: number): void
  reconcileFailed(kind: Target['kind']): void
  /** How these are read while this replica leads; undefined when it does no longer. */
  watching(
    state: { readonly depth: () => number; readonly sandboxes: () => ReadonlyMap<string, number> } | undefined,
  ): void
}

const CONCURRENCY = 4
const BACK_OFF = { firstDelayMs: 100, longestDelayMs: 300_000 }
/** Everything is looked at again so often, in case something was missed. */
const RESYNC_MS = 30 * 60_000

/** Resolves when the signal has aborted and nothing is written any more. Rejects if a part cannot go on. */
export async function reconcile(options: ReconcilerOptions, signal: AbortSignal): Promise<void> {
  const { client, log, namespace, timing, metrics, look = NO_TRACING.look } = options
  const view = new View()
  const inForce = new InForce(view)
  const known = { view, around: new Neighbourhoods(view), claims: new Claims(view) }
  const memory = new Map<string, { readonly digest: string; readonly generation: number }>()
  const followed = followCluster(client, view, { namespace, log, timing }, signal)
  const queue: Queue = new Queue({
    concurrency: CONCURRENCY,
    backOff: BACK_OFF,
    handle: (key, until) => look(kindOf(key), key, () => handle(key, parts, until)),
    failed: (key, error, nextMs) => {
      metrics.reconcileFailed(kindOf(key))
      const isExpected = error instanceof KubernetesError && error.code === 'ST3006'
      log[isExpected ? 'debug' : 'warn']({ err: error, target: key, againMs: Math.round(nextMs) }, 'not reconciled')
    },
    worked: (key, seconds) => metrics.reconciled(kindOf(key), seconds),
  })
  const wake = (target: Target) => queue.add(targetKey(target))
  const wakeLater = (target: Target) => queue.add(targetKey(target), { background: true })
  const parts: Parts = {
    ...known,
    client,
    log,
    inForce,
    memory,
    wake,
    inquiry: new Inquiry(client, log),
    volumes: new VolumeClaims(client),
    limits: options.limits,
    tell: teller(options),
    written: followed.written,
    applied: ({ metadata }, digest) => {
      if (metadata.uid !== undefined) memory.set(metadata.uid, { digest, generation: metadata.generation ?? 0 })
    },
  }
  const gaps = new Gaps(inForce, () => everything(view).forEach(wakeLater))
  const nodesChanged = () => {
    for (const key of inForce.reached()) queue.add(key)
    gaps.look()
  }
  const begin = async () => {
    await followed.synced
    if (signal.aborted) return
    known.claims.recall()
    view.listen(triggers({ ...known, inForce, wake, wakeLater, nodesChanged, forget: (uid) => memory.delete(uid) }))
    gaps.look()
    const targets = everything(view)
    log.info({ sandboxes: view.sandboxes.size, targets: targets.length }, 'reconciling')
    targets.forEach(wakeLater)
    metrics.watching({ depth: () => queue.depth, sandboxes: () => byReadiness(view) })
    const resync = setInterval(() => everything(view).forEach(wakeLater), RESYNC_MS)
    await queue.run(signal)
    clearInterval(resync)
  }
  try {
    const begun = begin()
    // What cannot be followed any more ends everything. Before everything is known there is nothing to wait for.
    await Promise.race([begun, followed.done])
    await Promise.all([followed.done, queue.working ? begun : undefined])
  } finally {
    gaps.stop()
    metrics.watching(undefined)
  }
}

function handle(key: string, parts: Parts, signal: AbortSignal): Promise<number | undefined> {
  const kind = kindOf(key)
  const at = key.slice(kind.length + 1)
  switch (kind) {
    case 'Sandbox':
      return reconcileSandbox(at, parts, signal)
    case 'Table':
      return reconcileTable(at, parts, signal)
    case 'RouteGroup':
      return reconcileGroup(at, parts, signal)
    case 'Route':
      return reconcileRoute(at, parts, signal)
  }
}

function kindOf(key: string): Target['kind'] {
  const kind = KINDS.find((each) => key.startsWith(`${each} `))
  if (kind === undefined) throw new Error(`no target: ${key}`)
  return kind
}

const KINDS = ['Sandbox', 'Table', 'RouteGroup', 'Route'] as const

function teller({ client, log, pod }: ReconcilerOptions): Parts['tell'] {
  const reporter = { controller: 'sidetrack.dev/controller', instance: pod }
  return async (regarding, happenings, signal) => {
    for (const each of happenings) {
      await report(client, reporter, { ...each, regarding }, signal).catch((error: unknown) => {
        if (signal.aborted || !(error instanceof KubernetesError)) throw error
        log.warn({ err: error }, 'an event was not written')
      })
    }
  }
}

/** How many sandboxes are ready, and the others by the reason why they are not. */
function byReadiness(view: View): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { status } of view.sandboxes.values()) {
    const reason = status?.conditions?.find(({ type }) => type === 'Ready')?.reason ?? 'New'
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return counts
}
