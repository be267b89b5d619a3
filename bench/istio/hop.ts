// One call between two pods of a cluster, as a subject has it: fresh pods, routes in force, everything pinned.

import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Pod, PODS, SERVICES } from '../../kubernetes/resources/builtin.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import type { Place } from '../load/place.ts'
import { openLoop } from '../load/open-loop.ts'
import { formatMix, ruleCases, type Expectation } from '../rule.ts'
import type { BenchCluster } from './cluster.ts'
import { type Container, containersOf } from './containers.ts'
import { allToFork, type IstioForks, namespaceObject, objectsOf, PROXIES, SANDBOX, type Subject } from './subject.ts'
import { writeFile } from 'node:fs/promises'

export interface Hop {
  readonly subject: Subject
  readonly namespace: string
  /** The Service, as the client's pod calls it. */
  readonly place: Place
  readonly client: readonly Container[]
  readonly server: readonly Container[]
  /** The fork's pod and its port. */
  readonly fork: string
  /** All pods that call. */
  readonly clients: readonly Pod[]
  /** What Istio's rules say by now: every change of them is the whole of them. */
  istioForks: IstioForks
  /** Asks all cases of the rule until every answer is right. */
  untilRight(keys: readonly string[]): Promise<void>
  stop(): Promise<void>
}

export interface Bench {
  readonly cluster: BenchCluster
  /** For files of this run. */
  readonly folder: string
  readonly tools: Readonly<Record<'open-loop' | 'wrk', string>>
  readonly signal: AbortSignal
}

export const SERVICE_PORT = 80
const LIMIT_MS = 180_000
const LOAD_CORE = 0
const PROXY_CORE = 1

export async function startHop(
  bench: Bench,
  subject: Subject,
  namespace: string,
  keys: readonly string[],
  clientCount = 1,
): Promise<Hop> {
  const { cluster, signal } = bench
  unpin(cluster)
  await cluster.apply([namespaceObject(subject, namespace)])
  const stop = async (): Promise<void> => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false'])
  }
  try {
    await cluster.apply(objectsOf(subject, namespace, keys, clientCount))
    const pods = await readyPods(bench, namespace, clientCount + (subject.mesh === 'none' ? 1 : 2))
    const forkPod = pods.find(({ metadata: { name } }) => /^echo-(?:-pr|fork)/.test(name))
    const fork = `${forkPod?.status?.podIP ?? ''}:8080`
    if (subject.mesh === 'sidetrack') await addRoutes(bench, namespace, fork, keys)
    const clients = pods.filter(({ metadata }) => metadata.name.startsWith('client-'))
    const client = containersOf(clients)
    const server = containersOf(pods.filter(({ metadata }) => metadata.name.startsWith('echo-')))
    const { spec } = await cluster.client.get(SERVICES, { namespace, name: 'echo' }, signal)
    const pid = client.find(({ name }) => name === 'app')?.pids[0]
    if (pid === undefined || spec?.clusterIP === undefined) throw new Error(`${namespace} has no client`)
    const place = { host: spec.clusterIP, pid }
    const hop = { subject, namespace, place, client, server, clients, fork, istioForks: allToFork(keys), stop }
    const untilRight = (each: readonly string[]) => askUntilRight(bench, hop, each)
    await untilRight(keys)
    return { ...hop, untilRight }
  } catch (error) {
    await stop()
    throw error
  }
}

export function proxiesOf(containers: readonly Container[]): readonly Container[] {
  return containers.filter(({ name }) => PROXIES.has(name))
}

/** Resolves when so many pods are ready, and no other is there. */
export async function readyPods(
  { cluster, signal }: Pick<Bench, 'cluster' | 'signal'>,
  namespace: string,
  count: number,
): Promise<readonly Pod[]> {
  const limit = performance.now() + LIMIT_MS
  for (;;) {
    const { items } = await cluster.client.list(PODS, { namespace }, signal)
    const ready = items.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
    )
    if (ready.length === count && items.length === count) return ready
    if (performance.now() > limit)
      throw new Error(`${namespace}: ${ready.length} of ${count} pods are ready, ${items.length} are there`)
    await sleep(200, undefined, { signal })
  }
}

/**
 * The routes of all keys but that of the Sandbox itself, which has its own; all lead to its fork. Each is in force when the controller has
 * accepted it, which it need not do for those that it writes.
 */
export async function addRoutes(bench: Bench, namespace: string, fork: string, keys: readonly string[]): Promise<void> {
  const rest = keys.filter((key) => key !== SANDBOX)
  let next = 0
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (;;) {
        const key = rest[next++]
        if (key === undefined) return
        await bench.cluster.client.create(
          ROUTES,
          { metadata: { namespace, name: key }, spec: { table: 'echo', key, addresses: [fork] } },
          bench.signal,
        )
      }
    }),
  )
}

/** Without a proxy everything is the baseline's. */
export function expected({ mesh }: Subject, mix: readonly Expectation[]): readonly Expectation[] {
  return mesh === 'none' ? mix.map(({ baggage }) => ({ baggage, variant: 'baseline' as const })) : mix
}

async function askUntilRight(
  { folder, tools, signal }: Bench,
  { subject, namespace, place }: Pick<Hop, 'subject' | 'namespace' | 'place'>,
  keys: readonly string[],
): Promise<void> {
  const mix = `${folder}/${namespace}-cases`
  const cases = expected(subject, ruleCases(keys))
  await writeFile(mix, formatMix(cases))
  const limit = performance.now() + LIMIT_MS
  for (;;) {
    const rate = 100
    const load = {
      generator: tools['open-loop'],
      core: LOAD_CORE,
      port: SERVICE_PORT,
      place,
      mix,
      rate,
      connections: 4,
    }
    const answer = await openLoop({ ...load, seconds: (cases.length * 4) / rate, signal }).catch(
      (error: unknown) => new Error(String(error)),
    )
    if (!(answer instanceof Error) && answer.wrong === 0 && answer.errors === 0) return
    if (performance.now() > limit) {
      const why = answer instanceof Error ? answer.message : answer.samples.join('; ')
      throw new Error(`${subject.name} routes wrongly: ${why}`)
    }
    await sleep(200, undefined, { signal })
  }
}

/** The proxies of these hops alone on a core, everything else of the cluster on the load's; what waits longest for nobody first. */
export function pinHop(cluster: BenchCluster, hop: Hop): void {
  const proxies = proxiesOf([...hop.client, ...hop.server]).flatMap(({ pids }) => pids)
  const apps = [...hop.client, ...hop.server].flatMap(({ pids }) => pids).filter((pid) => !proxies.includes(pid))
  const others = cluster.pids().filter((pid) => !proxies.includes(pid))
  pinAll(LOAD_CORE, others)
  pinAll(PROXY_CORE, proxies)
  raise([...proxies, ...apps])
}

function unpin(cluster: BenchCluster): void {
  pinAll(`${LOAD_CORE},${PROXY_CORE}`, cluster.pids())
}

/** Processes that end meanwhile are no failure. */
function pinAll(cores: number | string, pids: readonly number[]): void {
  const script = 'cores=$1; shift; for pid; do taskset -a -c -p "$cores" "$pid"; done >/dev/null 2>&1; true'
  execFileSync('sh', ['-c', script, 'sh', String(cores), ...pids.map(String)])
}

/** All threads, above the cluster's own programs, as the load is. */
function raise(pids: readonly number[]): void {
  const script = 'for pid; do renice -n -15 -p $(ls "/proc/$pid/task"); done >/dev/null 2>&1; true'
  execFileSync('sh', ['-c', script, 'sh', ...pids.map(String)])
}
