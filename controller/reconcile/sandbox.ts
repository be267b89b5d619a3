// One look at a sandbox: what it should be made of, what has to be written for that, and what its status says then.

import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { type Plan, plan } from '../plan/plan.ts'
import { forkedEndpoints, sandboxRoutes } from '../sandbox/sandbox-routes.ts'
import { type SandboxShape, shapeSandbox } from '../sandbox/shape.ts'
import { updatedAt } from '../sandbox/status.ts'
import { type Refusal, carryOut, remove } from './apply.ts'
import { claimOf, identity, wakeOthers } from './claims.ts'
import { expire } from './expiry.ts'
import { observeForks } from './fork-observations.ts'
import { blocked, refused } from './obstacles.ts'
import { type Parts, targetKey } from './parts.ts'
import { routesInForce } from './routes-in-force.ts'
import { writeSandboxStatus } from './sandbox-status.ts'
import { baselinesOf, childrenOf, sandboxWorld, withTakenNames } from './world.ts'

/** While nodes take over routes, the status says how many have. */
const PROGRESS_MS = 2000
/** What the API server refused may be taken later: policies and quotas change without word. */
const REFUSED_MS = 60_000

/** Resolves with the milliseconds after which it is to be looked at again, if nothing changes before. */
export async function reconcileSandbox(mark: string, parts: Parts, signal: AbortSignal): Promise<number | undefined> {
  const { view } = parts
  const [sandbox] = view.sandboxes.by('mark', mark)
  if (sandbox === undefined || sandbox.metadata.deletionTimestamp !== undefined) {
    await takeAway(mark, parts, signal)
    return undefined
  }
  const now = Date.now()
  const { shape, established } = await shapeOf(sandbox, parts, now, signal)
  if (await expire(sandbox, shape.expiresAt, now, parts, signal)) return undefined
  const { forks, againMs } = await observeForks(mark, shape.forks, parts, now, signal)
  const endpoints = forkedEndpoints(sandbox, forks)
  const claim = claimOf(sandbox, endpoints)
  const lost = parts.claims.lost({ ...identity('Sandbox', sandbox.metadata), key: claim.key, services: claim.services })
  const routing = sandboxRoutes(sandbox, forks, lost)
  const { planned, refusals } = await write(mark, shape, routing.routes, parts, signal)
  const problems = [...shape.problems, ...blocked(planned), ...refused(shape, refusals)]
  // Of a sandbox that was refused as a whole there is nothing; of one that was there before, what was there before.
  const isMade = established || refusals.length + planned.blocked.length === 0
  const made = isMade ? { forks, routing, claim } : { forks: [], routing: NO_ROUTING, claim: claimOf(sandbox, []) }
  wakeOthers(mark, parts.claims.put(mark, made.claim), made.claim, parts)
  const who = targetKey({ kind: 'Sandbox', mark })
  const { wanted, state } = routesInForce(who, made.routing.routes, sandbox.status?.programmed, parts)
  const { routes, services, unready } = made.routing
  const input = {
    state: {
      problems,
      warnings: shape.warnings,
      forks: made.forks.map(({ fork, state: each }) => ({ of: fork.baseline.metadata.name, state: each })),
      routes: { services: routes.length === 0 ? 0 : services.length, unready, programmed: state },
      lost,
    },
    services,
    wanted,
    updatedAt: updatedAt(sandbox, now),
    expiresAt: shape.expiresAt,
    now,
  }
  await writeSandboxStatus(sandbox, input, parts, signal)
  return soonest([
    shape.expiresAt === undefined ? undefined : Math.max(0, shape.expiresAt - now),
    againMs,
    state.programmed || routes.length === 0 || unready.length > 0 ? undefined : PROGRESS_MS,
    refusals.length + planned.blocked.length > 0 ? REFUSED_MS : undefined,
  ])
}

const NO_ROUTING = { routes: [], services: [], unready: [] }

async function shapeOf(
  sandbox: Sandbox,
  { view, around, limits, volumes }: Parts,
  now: number,
  signal: AbortSignal,
): Promise<{ readonly shape: SandboxShape; readonly established: boolean }> {
  const baselines = baselinesOf(sandbox, view)
  const claims = await volumes.of(sandbox.metadata.namespace ?? '', baselines, now, signal)
  const world = sandboxWorld(sandbox, view, { around, limits, baselines, claims, now })
  return { shape: shapeSandbox(world), established: world.established }
}

async function write(
  mark: string,
  shape: SandboxShape,
  routes: Parameters<typeof plan>[0],
  parts: Parts,
  signal: AbortSignal,
): Promise<{ readonly planned: Plan; readonly refusals: readonly Refusal[] }> {
  const { client, view, memory } = parts
  const desired = [...shape.forks.flatMap(({ objects }) => objects), ...routes]
  const planned = plan(desired, withTakenNames(childrenOf(mark, view), desired, view), memory)
  const refusals = planned.blocked.length > 0 ? [] : await carryOut(client, planned, parts, signal)
  return { planned, refusals }
}

async function takeAway(mark: string, parts: Parts, signal: AbortSignal): Promise<void> {
  const { client, view, claims, inForce, memory } = parts
  inForce.forget(targetKey({ kind: 'Sandbox', mark }))
  wakeOthers(mark, claims.put(mark, undefined), undefined, parts)
  // The garbage collector would do it, in an order of its own: keyed requests would meet forks that end.
  for (const object of plan([], childrenOf(mark, view), memory).deletes) await remove(client, object, signal)
}

function soonest(times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}
