// A running container as its node sees it: its first process, for tests that kill it.

import type { Pod } from '../../../kubernetes/resources/builtin.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine.ts'
import { eventually } from './api.ts'

export interface Container {
  readonly machine: Machine
  readonly pid: number
  signal(signal: NodeJS.Signals): Promise<void>
}

/** The kubelet may wait for minutes until it starts a container again that ends often. */
const PATIENCE_MS = 400_000

/** When it runs. Throws at once if its node is not one of the tests' own. */
export async function containerOf(cluster: Cluster, namespace: string, pod: string, name: string): Promise<Container> {
  const read = () => cluster.kubectl.get<Pod>([`--namespace=${namespace}`, 'pod', pod])
  const { spec } = await read()
  const machine = cluster.machines.find((each) => each.name === spec?.nodeName)
  if (machine === undefined) throw new Error(`${namespace}/${pod} is on no node of the tests`)
  const pid = await eventually(async () => pidOf(machine, await read(), name), PATIENCE_MS)
  return {
    machine,
    pid,
    signal: async (signal) => {
      await machine.run(['kill', '-s', signal.slice('SIG'.length), String(pid)])
    },
  }
}

/** Undefined if the container that the API server knows of does not run, or not any more. */
async function pidOf(machine: Machine, { status }: Pod, name: string): Promise<number | undefined> {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const id = statuses.find((each) => each.name === name)?.containerID?.replace('containerd://', '')
  if (id === undefined) return undefined
  const tasks = await machine.run(['ctr', '--namespace=k8s.io', 'tasks', 'ls'])
  const line = tasks.split('\n').find((each) => each.startsWith(id))
  const [, pid, state] = line?.split(/\s+/) ?? []
  return state === 'RUNNING' ? Number(pid) : undefined
}

/** The names of the pods that a selector selects, on one node or on all, but of those that are ending. */
export async function podsOf(
  cluster: Cluster,
  namespace: string,
  selector: string,
  node?: string,
): Promise<readonly string[]> {
  const field = node === undefined ? [] : [`--field-selector=spec.nodeName=${node}`]
  const { items } = await cluster.kubectl.get<{ items: readonly Pod[] }>([
    'pods',
    `--namespace=${namespace}`,
    `--selector=${selector}`,
    ...field,
  ])
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)
}
