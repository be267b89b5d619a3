// The agent of a Kubernetes node: watches tables, routes and the node's pods, redirects these pods' calls and feeds their sidecars.

import { mkdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { Client } from '../../kubernetes/client.ts'
import { findCredentials } from '../../kubernetes/credentials/find.ts'
import { whyNoPod } from '../../kubernetes/route-target.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import type { LevelledLog } from '../../runtime/log.ts'
import { Readiness } from '../../runtime/readiness.ts'
import { startAgentAdmin } from '../admin.ts'
import type { AgentConfig } from '../config.ts'
import { Confirmations } from '../confirmations.ts'
import { HopLog } from '../hop-log.ts'
import { Hub } from '../hub.ts'
import { createMetrics } from '../metrics.ts'
import { addNodeMetrics } from './node-metrics.ts'
import { Announcements } from './announcements.ts'
import { LocalAddresses } from './local-addresses.ts'
import { NamespaceListeners } from './namespace-listener.ts'
import { NftRunner } from './nft-runner.ts'
import { lockNode } from './node-lock.ts'
import { podsOfNode, tablesOfNode } from './pages.ts'
import { PodKeepers } from './pod-keepers.ts'
import { ProcessFinder } from './process-finder.ts'
import { Programming, SHARED_LAYERS } from './programming.ts'
import { Reporter } from './report.ts'
import { type Watched, watchCluster } from './watches.ts'

/** A burst of changes becomes one. Milliseconds. */
const BURST_MS = 20
/** What many sidecars say at the same time is looked at once. Milliseconds. */
const TELL_MS = 5
/** How often a sidecar is asked whether it is there. Milliseconds. */
const PING_MS = 2000
/** Kernels are asked which local addresses they use, when no file says so. Milliseconds. */
const ADOPT_MS = 3000

export interface NodeAgent {
  readonly admin: string
  stop(): void
}

/** Resolves when it has the node for itself and watches. Rejects with ST2004 or ST2007, or when the signal aborts. */
export async function startNodeAgent(config: AgentConfig, log: LevelledLog, signal: AbortSignal): Promise<NodeAgent> {
  const client = new Client(await findCredentials(config), 'sidetrack-agent')
  makeFolder(config.state)
  await lockNode(
    path.join(config.state, 'lock'),
    () => log.info({ folder: config.state }, 'another agent of this node is still running; waiting for its end'),
    signal,
  )
  const readiness = new Readiness()
  const hub = new Hub(SHARED_LAYERS)
  const nft = new NftRunner()
  const metrics = createMetrics(hub, (registry) =>
    addNodeMetrics(registry, {
      bypassing: () => announcements.bypassing,
      kernelFailures: () => nft.failures,
      routes: () => watched?.routes.values() ?? [],
    }),
  )
  const confirmations = new Confirmations(metrics.programmed)
  const hops = new HopLog(log)
  const admin = await startAgentAdmin(config, log, readiness, hub, metrics, hops, {
    '/tables': { title: 'services, listeners and routes', content: () => tablesOfNode(hub) },
    '/sidecars': { title: 'the state of every sidecar', content: () => podsOfNode(keepers.all.values()) },
  })
  const { addresses, lost } = LocalAddresses.load(path.join(config.state, 'addresses.json'))
  if (lost !== undefined) log.info({ why: lost }, 'no local addresses are written down; kernels are asked')
  const own = nodeAddresses()
  let watched: Watched | undefined
  let timer: NodeJS.Timeout | undefined
  let changedAt = 0
  let telling: NodeJS.Timeout | undefined
  let started = false
  let settled = false

  const soon = () => {
    if (!started || signal.aborted || timer !== undefined) return
    changedAt = performance.now()
    timer = setTimeout(flush, BURST_MS)
  }
  const keepers = new PodKeepers(
    {
      hub,
      log,
      hops,
      nft,
      listeners: new NamespaceListeners(),
      finder: new ProcessFinder(),
      removing: config.remove,
      nodeAddresses: own,
      targets: (layer) => (started ? programming.targets(layer) : undefined),
      adopt: ({ redirects }) => {
        for (const [destination, { number }] of redirects) addresses.adopt(destination, number)
      },
      changed: () => {
        programming.sweep()
        tellSoon()
      },
      generation: () => programming.generation,
    },
    signal,
  )
  const programming = new Programming({
    hub,
    log,
    readiness,
    addresses,
    keepers: keepers.all,
    watched: () => {
      if (watched === undefined) throw new Error('nothing is watched yet')
      return watched
    },
  })
  const flush = () => {
    timer = undefined
    needEndpoints()
    const before = hub.revision
    const flushed = watched !== undefined && programming.flush(soon)
    if (hub.revision !== before) confirmations.changed(changedAt)
    if (watched !== undefined && flushed) {
      const [routes, tables] = [watched.routes.resourceVersion ?? '0', watched.tables.resourceVersion ?? '0']
      announcements.mark({ routes, tables, revision: hub.revision, generation: programming.generation })
    }
    tellSoon()
  }
  const announcements = new Announcements(keepers.all, () => watched?.pods.values() ?? [])
  const reporter = new Reporter(client, config.node, log)
  const tellSoon = () => {
    if (started && !signal.aborted) telling ??= setTimeout(tell, TELL_MS)
  }
  const tell = () => {
    telling = undefined
    for (const { link } of keepers.all.values()) if (link !== undefined) confirmations.heard(link)
    settle()
    const report = settled ? announcements.report() : undefined
    if (report !== undefined) reporter.say(report)
  }
  const needEndpoints = () => {
    const pods = [...keepers.all.values()]
    const headless = [...(watched?.tables.values() ?? [])].some((table) => table.headless)
    watched?.needEndpoints(headless || pods.some(({ pod, layer }) => pod.inbound || layer === 'endpoints'))
  }
  const settle = () => {
    if (settled && !config.remove) return
    const [first, ...others] = keepers.unsettled()
    settled ||= first === undefined
    if (first === undefined) readiness.done('pods of this node')
    else {
      const more = others.length === 0 ? '' : `, and ${others.length} more`
      readiness.pending('pods of this node', `${first[0]} ${first[1]}${more}`)
    }
  }

  watched = watchCluster(
    client,
    config.node,
    whyNoPod(own),
    {
      table: ({ before, after }) => programming.tableChanged(before, after),
      route: ({ before, after }) => programming.routeChanged(before, after),
      endpoints: () => programming.destinationsChanged(),
      pod: (change) => {
        if (keepers.podChanged(change)) programming.destinationsChanged()
      },
      reached: soon,
    },
    log,
    signal,
  )
  for (const [name, store] of Object.entries({ tables: watched.tables, routes: watched.routes, pods: watched.pods })) {
    readiness.pending(name, 'not listed yet')
    void store.synced.then(() => readiness.done(name))
  }
  readiness.pending('pods of this node', 'waits for tables, routes and pods')
  const begin = async () => {
    await Promise.all([watched.tables.synced, watched.routes.synced, watched.pods.synced])
    if (lost !== undefined) await keepers.read(ADOPT_MS)
    needEndpoints()
    await watched.endpoints?.synced
    started = true
    flush()
    for (const keeper of keepers.all.values()) keeper.poke()
    log.info({ tables: watched.tables.size, routes: watched.routes.size, pods: keepers.all.size }, 'following')
  }
  void begin()
  void reporter.write(signal)
  const ping = setInterval(() => {
    for (const { link } of keepers.all.values()) link?.ping()
    tellSoon()
  }, PING_MS)
  log.info({ admin: admin.address, node: config.node }, 'agent started')
  return {
    admin: admin.address,
    stop() {
      clearInterval(ping)
      clearTimeout(timer)
      clearTimeout(telling)
      admin.close()
    },
  }
}

/** Addresses that belong to the node: no fork's, and where its kubelet calls from. */
function nodeAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).flatMap(({ internal, address }) => (internal ? [] : (address.split('%', 1)[0] ?? []))),
  )
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SidetrackError('ST2007', `cannot make ${folder}: ${why}`, { cause: error })
  }
}
