// What a change costs, and how long it takes to be everywhere, as the cluster grows: many nodes' agents and thousands of sandboxes.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../kubernetes/client.ts'
import { kubeconfigCredentials } from '../kubernetes/credentials/kubeconfig.ts'
import { ENDPOINT_SLICES, NAMESPACES } from '../kubernetes/resources/builtin.ts'
import { NODE_REPORTS, ROUTING_TABLES } from '../kubernetes/resources/sidetrack.ts'
import { type InstalledApiServer, startInstalledApiServer } from './controller/api-server.ts'
import { type ControllerProgram, startController } from './controller/program.ts'
import { makeShops, NAMESPACE_COUNT, sandboxNames, SERVICES_EACH } from './controller/shops.ts'
import { median, percentile } from './median.ts'
import type { Progress } from './progress.ts'
import { Crowd } from './scale/crowd.ts'
import { endpoint } from './scale/grown.ts'
import { makeNodes, nodeName } from './scale/nodes.ts'
import { seedSandboxes } from './scale/seeding.ts'
import { ServerCost } from './scale/server-cost.ts'

export interface ScaleResult {
  readonly sandboxes: number
  /** Of a controller that found all of them there. */
  readonly takeOverMs: number
  readonly takeOverWrites: number
  readonly steps: readonly Step[]
}

/** A storm of changes among so many nodes. */
export interface Step {
  readonly nodes: number
  /** From the write of a fork's endpoints until its route is in force with an agent: of all changes and agents, milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Until the last agent has it: of all changes. */
  readonly lastP50: number
  /** From the first write until nothing was written any more. Milliseconds. */
  readonly stormMs: number
  readonly perChange: {
    /** That etcd took: the change itself, its route, the sandbox's status, and what the nodes report. */
    readonly writes: number
    /** That the API server sent to all who watch, before encryption. */
    readonly events: number
    readonly eventBytes: number
    readonly apiServerCpuMs: number
    readonly controllerCpuMs: number
    /** To and from the controller. */
    readonly controllerBytes: number
  }
  /** Bytes. */
  readonly memory: {
    readonly apiServer: number
    readonly etcd: number
    readonly controller: number
    readonly agents: number
  }
}

/** Of the largest number of nodes. */
const STEPS = [0.05, 0.125, 0.25, 0.5, 1]
export const CHANGES = 100
export const PER_SECOND = 10
/** Nothing was written for so long: whatever a change leads to is done. Milliseconds. */
const QUIET_MS = 1500

export async function measureScale(
  { nodes, sandboxes }: { readonly nodes: number; readonly sandboxes: number },
  signal: AbortSignal,
  progress: Progress,
): Promise<ScaleResult> {
  progress('an API server')
  const server = await startInstalledApiServer()
  const state = await mkdtemp(join(tmpdir(), 'sidetrack-agents-'))
  const credentials = await kubeconfigCredentials({ file: server.kubeconfig })
  const client = new Client(credentials, 'bench')
  const crowd = new Crowd(server.kubeconfig, state)
  let controller: ControllerProgram | undefined
  try {
    await makeShops(client)
    await makeTables(client, server, signal)
    progress(`${sandboxes} sandboxes`)
    await seedSandboxes(client, server.etcd, sandboxes, signal)
    progress('a controller takes over')
    const before = await written(client)
    controller = await startController(server, 'scale', signal)
    const takeOverMs = await controller.settled(sandboxes)
    await quiet(client, signal)
    const takeOverWrites = (await written(client)) - before
    const bench = { client, cost: new ServerCost(server, credentials), controller, crowd, sandboxes, signal }
    const steps: Step[] = []
    for (const share of STEPS) {
      const count = Math.max(1, Math.round(nodes * share))
      progress(`${count} nodes`)
      await grow(bench, count)
      steps.push(await storm(bench, steps.length))
    }
    return { sandboxes, takeOverMs, takeOverWrites, steps }
  } finally {
    await controller?.stop()
    await crowd.stop()
    client.close()
    await server.stop()
    await rm(state, { recursive: true })
  }
}

interface Bench {
  readonly client: Client
  readonly cost: ServerCost
  readonly controller: ControllerProgram
  readonly crowd: Crowd
  readonly sandboxes: number
  readonly signal: AbortSignal
}

/** A controller that finds no sandboxes makes the tables. */
async function makeTables(client: Client, server: InstalledApiServer, signal: AbortSignal): Promise<void> {
  const controller = await startController(server, 'tables', signal)
  const wanted = NAMESPACE_COUNT * SERVICES_EACH
  while ((await client.list(ROUTING_TABLES)).items.length < wanted) await sleep(200, undefined, { signal })
  await controller.stop()
}

async function grow({ client, crowd, signal }: Bench, count: number): Promise<void> {
  const before = crowd.size
  await makeNodes(client, before, count)
  await crowd.add(
    Array.from({ length: count - before }, (_, index) => nodeName(before + index)),
    signal,
  )
  // Besides the node that the shops have.
  while ((await client.list(NODE_REPORTS)).items.length <= count) await sleep(200, undefined, { signal })
  await quiet(client, signal)
}

async function storm(bench: Bench, round: number): Promise<Step> {
  const { client, cost, controller, crowd, sandboxes, signal } = bench
  const [server, spent, writes, start] = [
    await cost.spent(),
    controller.spent(),
    await written(client),
    performance.now(),
  ]
  const changes = Array.from({ length: CHANGES }, async (_, index) => {
    await sleep((index * 1000) / PER_SECOND, undefined, { signal })
    const sandbox = Math.floor((index * sandboxes) / CHANGES)
    return change(bench, sandbox, `10.${100 + round}.${index >> 8}.${index & 255}`)
  })
  const delays = await Promise.all(changes)
  const stormMs = (await quiet(client, signal)) - start
  const [serverAfter, after, writesAfter] = [await cost.spent(), controller.spent(), await written(client)]
  const all = delays.flat()
  const perChange = (value: number) => value / CHANGES
  const { apiServer, etcd } = cost.memory()
  return {
    nodes: crowd.size,
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
    lastP50: median(delays.map((times) => Math.max(...times))),
    stormMs,
    perChange: {
      writes: perChange(writesAfter - writes),
      events: perChange(serverAfter.events - server.events),
      eventBytes: perChange(serverAfter.eventBytes - server.eventBytes),
      apiServerCpuMs: perChange((serverAfter.cpuSeconds - server.cpuSeconds) * 1000),
      controllerCpuMs: perChange((after.cpuSeconds - spent.cpuSeconds) * 1000),
      controllerBytes: perChange(after.sent + after.received - spent.sent - spent.received),
    },
    memory: { apiServer, etcd, controller: controller.memory().rss, agents: crowd.rss },
  }
}

/** The pod of a sandbox's fork is at another address; how long that took to each agent, in milliseconds. */
async function change({ client, crowd, signal }: Bench, index: number, address: string): Promise<readonly number[]> {
  const { namespace, fork } = sandboxNames(index)
  const at = { namespace, name: `${fork}-x` }
  const slice = await client.get(ENDPOINT_SLICES, at)
  const { name = '', uid } = slice.endpoints?.[0]?.targetRef ?? {}
  const route = `${address}:8080`
  crowd.expect(route)
  const begin = performance.timeOrigin + performance.now()
  await client.patch(ENDPOINT_SLICES, at, {
    endpoints: [endpoint({ name, ...(uid === undefined ? {} : { uid }) }, address)],
  })
  return (await crowd.everywhere(route, signal)).map((time) => time - begin)
}

/** etcd's revision: every write raises it by one. */
async function written(client: Client): Promise<number> {
  return Number((await client.list(NAMESPACES)).resourceVersion)
}

/** Resolves when nothing is written any more, with the time of the last write that was seen. */
async function quiet(client: Client, signal: AbortSignal): Promise<number> {
  for (let [at, last] = [performance.now(), await written(client)]; ;) {
    await sleep(100, undefined, { signal })
    const now = await written(client)
    if (now !== last) [at, last] = [performance.now(), now]
    else if (performance.now() - at > QUIET_MS) return at
  }
}
