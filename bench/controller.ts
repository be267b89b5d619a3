// What thousands of sandboxes cost the controller, and whether one more costs what it did when there were few.

import { Client } from '../kubernetes/client.ts'
import { kubeconfigCredentials } from '../kubernetes/credentials/kubeconfig.ts'
import { startReflector } from '../kubernetes/reflector.ts'
import { NAMESPACES } from '../kubernetes/resources/builtin.ts'
import type { Route } from '../kubernetes/resources/route.ts'
import { ROUTES, SANDBOXES } from '../kubernetes/resources/sidetrack.ts'
import { lineLog } from '../runtime/line-log.ts'
import { type InstalledApiServer, startInstalledApiServer } from './controller/api-server.ts'
import { type PaperNodes, startPaperNodes } from './controller/paper-nodes.ts'
import { type ControllerProgram, startController } from './controller/program.ts'
import { changeImage, makeSandbox, makeSandboxes, makeShops, sandboxNames } from './controller/shops.ts'
import type { Progress } from './progress.ts'

export interface ControllerResult {
  readonly sandboxes: number
  readonly few: Changes
  readonly many: Changes
  /** Bytes, with all sandboxes ready; and the most until then. */
  readonly rss: number
  readonly peak: number
  readonly restart: Restart
}

export interface Changes {
  /** Sandboxes that there were. */
  readonly among: number
  readonly created: Cost
  readonly changed: Cost
  readonly deleted: Cost
  /** Milliseconds from the answer to its creation until its route is there, and from its endpoints until the route has them, the longest. */
  readonly routeMs: number
  readonly addressMs: number
}

/** Of one change. */
export interface Cost {
  /** Objects that the controller wrote. */
  readonly writes: number
  /** Bytes to and from the API server. */
  readonly sent: number
  readonly received: number
  readonly cpuMs: number
}

export interface Restart {
  /** Until it had looked at everything. */
  readonly ms: number
  readonly writes: number
  readonly rss: number
  readonly peak: number
}

export const FEW = 50
/** Of each kind, one after the other. */
const CHANGES = 20

export async function measureController(
  count: number,
  signal: AbortSignal,
  progress: Progress,
): Promise<ControllerResult> {
  progress('an API server')
  const server = await startInstalledApiServer()
  const term = new AbortController()
  const client = new Client(await kubeconfigCredentials({ file: server.kubeconfig }), 'bench')
  const ending = AbortSignal.any([signal, term.signal])
  const nodes = startPaperNodes(client, ending)
  const seen = followRoutes(client, ending)
  try {
    await makeShops(client)
    const bench = { client, server, nodes, seen, signal }
    return await measure(bench, count, progress)
  } finally {
    term.abort()
    await Promise.all([nodes.done, seen.done])
    client.close()
    await server.stop()
  }
}

interface Bench {
  readonly client: Client
  readonly server: InstalledApiServer
  readonly nodes: PaperNodes
  readonly seen: SeenRoutes
  readonly signal: AbortSignal
}

async function measure(bench: Bench, count: number, progress: Progress): Promise<ControllerResult> {
  const { client, server } = bench
  const first = await startController(server, 'first', bench.signal)
  let rss = 0
  let peak = 0
  let few: Changes
  let many: Changes
  try {
    progress(`${FEW} sandboxes`)
    await makeSandboxes(client, 0, FEW, bench.signal)
    await first.settled(FEW)
    few = await changes(bench, first, FEW)
    progress(`${count} sandboxes`)
    await makeSandboxes(client, FEW, count, bench.signal)
    await first.settled(count)
    ;({ rss, peak } = first.memory())
    progress(`one more among ${count}`)
    many = await changes(bench, first, count)
  } finally {
    await first.stop()
  }
  progress('another controller takes over')
  const before = await written(bench)
  const second = await startController(server, 'second', bench.signal)
  try {
    const ms = await second.settled(count)
    const restart = { ms, writes: (await written(bench)) - before, ...second.memory() }
    return { sandboxes: count, few, many, rss, peak, restart }
  } finally {
    await second.stop()
  }
}

async function changes(bench: Bench, controller: ControllerProgram, among: number): Promise<Changes> {
  const { client, seen, nodes } = bench
  let routeMs = 0
  let addressMs = 0
  const numbers = Array.from({ length: CHANGES }, (_, index) => 1_000_000 + index)
  const created = await costOf(bench, controller, async () => {
    for (const index of numbers) {
      const { namespace, route, fork } = sandboxNames(index)
      await makeSandbox(client, index)
      const start = performance.now()
      routeMs = Math.max(routeMs, (await seen.until(`${namespace}/${route}`, () => true)) - start)
      const at = await seen.until(`${namespace}/${route}`, ({ spec }) => (spec.addresses ?? []).length > 0)
      addressMs = Math.max(addressMs, at - (nodes.endpointsAt.get(`${namespace}/${fork}`) ?? 0))
    }
    await controller.settled(among + CHANGES)
  })
  const changed = await costOf(bench, controller, async () => {
    for (const index of numbers) {
      const { namespace, fork } = sandboxNames(index)
      const before = nodes.endpointsAt.get(`${namespace}/${fork}`)
      await changeImage(client, index, 'registry.example/app:next')
      while (nodes.endpointsAt.get(`${namespace}/${fork}`) === before) {
        bench.signal.throwIfAborted()
        await pause()
      }
    }
    await controller.settled(among + CHANGES)
  })
  const deleted = await costOf(bench, controller, async () => {
    for (const index of numbers) {
      const { namespace, name, route } = sandboxNames(index)
      await client.delete(SANDBOXES, { namespace, name })
      await seen.untilGone(`${namespace}/${route}`)
    }
    await controller.settled(among)
  })
  return { among, created, changed, deleted, routeMs, addressMs }
}

/** `act` writes one object for each change itself. */
async function costOf(bench: Bench, controller: ControllerProgram, act: () => Promise<void>): Promise<Cost> {
  const [before, writes] = [controller.spent(), await written(bench)]
  await act()
  const [after, all] = [controller.spent(), await written(bench)]
  return {
    writes: (all - writes - CHANGES) / CHANGES,
    sent: (after.sent - before.sent) / CHANGES,
    received: (after.received - before.received) / CHANGES,
    cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1000) / CHANGES,
  }
}

/** Writes that etcd has taken, but for those of the nodes on paper. Every write raises the resourceVersion by one. */
async function written({ client, nodes }: Bench): Promise<number> {
  const { resourceVersion } = await client.list(NAMESPACES)
  return Number(resourceVersion) - nodes.writes()
}

interface SeenRoutes {
  /** When it was seen, by `performance.now()`. */
  until(id: string, condition: (route: Route) => boolean): Promise<number>
  untilGone(id: string): Promise<void>
  readonly done: Promise<void>
}

function followRoutes(client: Client, signal: AbortSignal): SeenRoutes {
  const routes = new Map<string, { readonly route: Route; readonly at: number }>()
  const put = (route: Route) => routes.set(idOf(route), { route, at: performance.now() })
  const handler = {
    replaced: (all: readonly Route[]) => all.forEach(put),
    put,
    removed: (route: Route) => routes.delete(idOf(route)),
    bookmark: () => {},
  }
  const log = lineLog('warn', {}, (line) => process.stderr.write(line))
  const { done } = startReflector(client, ROUTES, { log }, handler, signal)
  return {
    done,
    async until(id, condition) {
      for (;;) {
        signal.throwIfAborted()
        const found = routes.get(id)
        if (found !== undefined && condition(found.route)) return found.at
        await pause()
      }
    },
    async untilGone(id) {
      while (routes.has(id)) {
        signal.throwIfAborted()
        await pause()
      }
    },
  }
}

function idOf({ metadata }: Route): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2))
}
