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

/** When it runs. Throws if it does not come to run on a node of the tests' own. */
export async function containerOf(cluster: Cluster, namespace: string, pod: string, name: string): Promise<Container> {
  let found: Container | undefined
  await eventually(async () => {
    found = await runningContainer(cluster, namespace, pod, name)
    return found !== undefined
  }, PATIENCE_MS)
  if (found === undefined) throw new Error(`${namespace}/${pod} has no running ${name}`)
  return found
}

/** Undefined if the one that the API server knows of does not run any more. */
async function runningContainer(
  cluster: Cluster,
  namespace: string,
  pod: string,
  name: string,
): Promise<Container | undefined> {
  const { spec, status } = await cluster.kubectl.get<Pod>([`--namespace=${namespace}`, 'pod', pod])
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const id = statuses.find((each) => each.name === name)?.containerID?.replace('containerd://', '')
  const machine = cluster.machines.find((each) => each.name === spec?.nodeName)
  if (machine === undefined || id === undefined) throw new Error(`${namespace}/${pod} has no running ${name}`)
  const tasks = await machine.run(['ctr', '--namespace=k8s.io', 'tasks', 'ls'])
  const [, text, state] =
    tasks
      .split('\n')
      .find((line) => line.startsWith(id))
      ?.split(/\s+/) ?? []
  if (state !== 'RUNNING') return undefined
  const pid = Number(text)
  return {
    machine,
    pid,
    signal: async (signal) => {
      await machine.run(['kill', '-s', signal.slice('SIG'.length), String(pid)])
    },
  }
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
