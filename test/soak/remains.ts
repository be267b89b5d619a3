// What there is when nothing is under way: taken before the first sandbox and after the last, it has to be the same.

import { eventually } from '../e2e/stage/api.ts'
import type { Ground } from './ground.ts'
import { processesOf, redirectsOf } from './processes.ts'

const KINDS =
  'sandboxes,routes,routingtables,deployments,replicasets,services,endpointslices,networkpolicies,serviceaccounts,pods'
/** Connections to forks are given up after a minute, and Kubernetes keeps what it collects for a while. */
const PATIENCE_MS = 240_000

export interface Remains {
  /** How many of each kind of object the namespace has. */
  readonly objects: Readonly<Record<string, number>>
  /** Of each pod with a sidecar, how many addresses it redirects. */
  readonly redirects: readonly number[]
  /** Open files of all sidecars, which are sockets but for a few. */
  readonly sidecarFiles: number
  readonly agentFiles: number
}

export async function remainsOn({ stage, namespace, name }: Ground): Promise<Remains> {
  const names = await stage.kubectl.run(['get', KINDS, `--namespace=${namespace}`, '--output=name'])
  const objects: Record<string, number> = {}
  for (const line of names.split('\n').filter((each) => each !== '')) {
    const [kind = ''] = line.split('/')
    objects[kind] = (objects[kind] ?? 0) + 1
  }
  const processes = await processesOf(name)
  const sidecars = processes.filter(({ component }) => component === 'sidecar')
  const files = (all: typeof processes) => all.reduce((sum, each) => sum + each.files, 0)
  return {
    objects,
    redirects: (await Promise.all(sidecars.map(({ pid }) => redirectsOf(pid)))).toSorted((a, b) => a - b),
    sidecarFiles: files(sidecars),
    agentFiles: files(processes.filter(({ component }) => component === 'agent')),
  }
}

/** What is left that was not there before; waits until that is nothing, or would have come true. */
export async function leftOver(ground: Ground, before: Remains): Promise<readonly string[]> {
  let left: readonly string[] = []
  await eventually(async () => {
    left = differences(before, await remainsOn(ground))
    return left.length === 0
  }, PATIENCE_MS).catch(() => undefined)
  return left
}

/** A new version of the shop leaves its old ReplicaSet; nothing else may grow. Files may differ by what an agent is just doing. Pure. */
export function differences(before: Remains, after: Remains): readonly string[] {
  const kinds = new Set([...Object.keys(before.objects), ...Object.keys(after.objects)])
  const of = (all: Remains, kind: string) => all.objects[kind] ?? 0
  return [
    ...[...kinds]
      .filter((kind) => of(after, kind) !== of(before, kind))
      .map((kind) => `${of(after, kind)} ${kind}, ${of(before, kind)} before`),
    ...(after.redirects.join() === before.redirects.join()
      ? []
      : [`redirects ${after.redirects.join()}, ${before.redirects.join()} before`]),
    ...growth('files of sidecars', before.sidecarFiles, after.sidecarFiles, 0),
    ...growth('files of agents', before.agentFiles, after.agentFiles, AGENT_SLACK),
  ]
}

/** Watches of the API server that come and go. */
const AGENT_SLACK = 10

function growth(what: string, before: number, after: number, slack: number): readonly string[] {
  return after <= before + slack ? [] : [`${after} ${what}, ${before} before`]
}
