// The agent of a node that is not there: it watches, puts in force and reports by the agent's own code, and has no pods to redirect.

import { join } from 'node:path'
import { Announcements } from '../../agent/node/announcements.ts'
import { LocalAddresses } from '../../agent/node/local-addresses.ts'
import { Programming, SHARED_LAYERS } from '../../agent/node/programming.ts'
import { Reporter } from '../../agent/node/report.ts'
import { type Watched, watchCluster } from '../../agent/node/watches.ts'
import { Hub } from '../../agent/hub.ts'
import { Client } from '../../kubernetes/client.ts'
import type { Credentials } from '../../kubernetes/credentials/credentials.ts'
import { whyNoPod } from '../../kubernetes/route-target.ts'
import type { Log } from '../../runtime/log.ts'
import { Readiness } from '../../runtime/readiness.ts'

/** As in agent/node/agent.ts. */
const BURST_MS = 20
/** A node without sidecars is not waited for: what is measured is a node with some. */
const SIDECARS = 20

/** `inForce`: routes to these addresses were put in force. `state` is a folder. Resolves when everything was listed. */
export async function startAgent(
  credentials: Credentials,
  node: string,
  state: string,
  inForce: (addresses: readonly string[]) => void,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client(credentials, 'sidetrack-agent')
  const hub = new Hub(SHARED_LAYERS)
  const { addresses } = LocalAddresses.load(join(state, `${node}.json`))
  let watched: Watched | undefined
  let timer: NodeJS.Timeout | undefined
  let started = false
  let changed: string[] = []
  const programming = new Programming({
    hub,
    log,
    readiness: new Readiness(),
    addresses,
    keepers: new Map(),
    watched: () => {
      if (watched === undefined) throw new Error('nothing is watched yet')
      return watched
    },
  })
  const announcements = new Announcements(new Map(), () => [])
  const reporter = new Reporter(client, node, log)
  const soon = () => {
    if (started && !signal.aborted) timer ??= setTimeout(flush, BURST_MS)
  }
  const flush = () => {
    timer = undefined
    if (watched === undefined || !programming.flush(soon)) return
    const [routes, tables] = [watched.routes.resourceVersion ?? '0', watched.tables.resourceVersion ?? '0']
    announcements.mark({ routes, tables, revision: hub.revision, generation: programming.generation })
    if (changed.length > 0) inForce(changed)
    changed = []
    const report = announcements.report()
    if (report !== undefined) reporter.say({ ...report, sidecars: SIDECARS })
  }
  watched = watchCluster(
    client,
    node,
    whyNoPod([]),
    {
      table: ({ before, after }) => programming.tableChanged(before, after),
      route: ({ before, after }) => {
        programming.routeChanged(before, after)
        if (started && after !== undefined && !('refused' in after.route)) changed.push(...after.route.text.addresses)
      },
      endpoints: () => {},
      pod: () => {},
      reached: soon,
    },
    log,
    signal,
  )
  await Promise.all([watched.tables.synced, watched.routes.synced, watched.pods.synced])
  started = true
  flush()
  void reporter.write(signal)
}
