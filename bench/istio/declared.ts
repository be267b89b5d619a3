// How long after it is declared a sandbox's requests are right: in every pod, from then on.

import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import { ROUTES, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { openLoop, readLog, type Sent } from '../load/open-loop.ts'
import { containersOf } from './containers.ts'
import { type Bench, type Hop, SERVICE_PORT } from './hop.ts'
import { type Described, deployment, istioRules, marksFor, sandbox } from './subject.ts'

export interface Declared {
  readonly subject: string
  /** `fork`: with a new fork, its pod's start included. `route`: to a fork that runs already. */
  readonly what: 'fork' | 'route'
  /** Milliseconds until the last pod was right for good; NaN: not within the trial. */
  readonly ms: number
}

/** Each pod asks so often, which is what the times are good to. */
const RATE = 50
const BEFORE_MS = 500
const SECONDS = { fork: 20, route: 8 } as const

/** One trial: all pods ask with a key that nobody knows, and it is declared. `trial` tells its objects from those of others. */
export async function declare(
  bench: Bench,
  hop: Hop,
  clients: readonly Pod[],
  what: Declared['what'],
  trial: number,
): Promise<Declared> {
  const key = `${what}-${trial}`
  const mix = join(bench.folder, `${hop.namespace}-${key}`)
  await writeFile(mix, `*\tsidetrack=${key}\n`)
  const apps = containersOf(clients).filter(({ name }) => name === 'app')
  const asking = apps.map(async ({ pids: [pid = 0] }, index) => {
    const log = `${mix}-${index}`
    const place = { host: hop.place.host, pid }
    const load = { generator: bench.tools['open-loop'], core: 0, port: SERVICE_PORT, place, mix, rate: RATE }
    await openLoop({ ...load, seconds: SECONDS[what], connections: 1, log, signal: bench.signal })
    return readLog(log)
  })
  await sleep(BEFORE_MS, undefined, { signal: bench.signal })
  const at = Number(process.hrtime.bigint()) / 1e6
  const [logs] = await Promise.all([Promise.all(asking), apply(bench, hop, what, key)])
  return { subject: hop.subject.name, what, ms: rightEverywhere(logs, at, 'fork') }
}

/** Milliseconds from `at` until the first request of the last log from which on all were answered by `variant`; NaN if there is none. */
export function rightEverywhere(logs: readonly (readonly Sent[])[], at: number, variant: string): number {
  const moments = logs.map((log) => {
    const lastWrong = log.findLastIndex((each) => each.variant !== variant)
    return (log[lastWrong + 1]?.received ?? Number.NaN) - at
  })
  return moments.some((each) => Number.isNaN(each)) ? Number.NaN : Math.max(...moments)
}

/** What a person applies for one more sandbox. */
async function apply({ cluster, signal }: Bench, hop: Hop, what: Declared['what'], key: string): Promise<void> {
  const { subject, namespace, fork } = hop
  if (subject.mesh === 'sidetrack') {
    if (what === 'route') {
      const spec = { table: 'echo', key, addresses: [fork] }
      await cluster.client.create(ROUTES, { metadata: { namespace, name: key }, spec }, signal)
    } else {
      const { spec } = sandbox(namespace, key)
      await cluster.client.create(SANDBOXES, { metadata: { namespace, name: key }, spec }, signal)
    }
    return
  }
  hop.istioForks = { ...hop.istioForks, [key]: what === 'route' ? 'fork' : key }
  const labels = { app: 'echo', version: key }
  const pods = deployment(namespace, key, {
    marks: marksFor(subject, 'server'),
    node: 'node2',
    labels,
    variant: 'fork',
  })
  // By the same client as Sidetrack's: starting a kubectl would take longer than either needs.
  for (const object of [...(what === 'fork' ? [pods] : []), ...istioRules(namespace, hop.istioForks)]) {
    const { apiVersion, kind } = object
    const [group = '', version = ''] = apiVersion.split('/')
    const resource: Resource<Described> = { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: true }
    await cluster.client.apply(resource, object, { force: true }, signal)
  }
}
