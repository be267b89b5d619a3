// What every end-to-end test on a cluster begins with: the cluster with Sidetrack on it, for itself alone, and a namespace.

import type { Test } from 'tap'
import { type Cluster, useCluster } from '../../cluster/cluster.ts'
import type { Kubectl } from '../../cluster/kubectl.ts'
import { exclusively } from '../../cluster/mutex.ts'
import { noCluster, noImages } from '../../cluster/requirements.ts'
import { Api } from './api.ts'
import type { Scope } from './scope.ts'
import { allow } from '../../fixtures/patience.ts'
import { installOn } from '../../cluster/installation.ts'

export interface Stage {
  readonly cluster: Cluster
  readonly kubectl: Kubectl
  /** The same API server, for what is asked often. */
  readonly api: Api
  /** The names of two nodes. */
  readonly nodes: readonly [string, string]
}

/** All other files may have the stage before. */
const PATIENCE_MS = 30 * 60_000

/** False if `useStage` works here, else why not. */
export const noStage: string | false = noCluster() || (process.env['KUBECONFIG'] === undefined && noImages())

/** One test file at a time has the stage: some of them kill what others need. */
export async function useStage(t: Test): Promise<Stage> {
  allow(t, PATIENCE_MS)
  const cluster = await useCluster(t)
  await holdAlone(t, cluster.kubectl.kubeconfig)
  return setStage(t, cluster)
}

/** Installs Sidetrack on a cluster. */
export async function setStage(t: Scope, cluster: Cluster): Promise<Stage> {
  await installOn(cluster)
  const { items } = await cluster.kubectl.get<{ items: readonly { metadata: { name: string } }[] }>(['nodes'])
  const [first = '', second = first] = items.map(({ metadata }) => metadata.name)
  return { cluster, kubectl: cluster.kubectl, api: await Api.open(t, cluster.kubectl), nodes: [first, second] }
}

/** A namespace of the test's own; its objects go with the test. */
export async function useNamespace(
  t: Scope,
  kubectl: Kubectl,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const namespace = `${name}-${process.pid}`
  await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
  t.teardown(() => kubectl.run(['delete', 'namespace', namespace, '--wait=false']))
  return namespace
}

async function holdAlone(t: Scope, name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    void exclusively(name, () => {
      resolve()
      return new Promise<void>((release) => t.teardown(release))
    })
  })
}
