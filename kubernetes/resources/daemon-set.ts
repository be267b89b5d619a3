// DaemonSet: one pod on each node, as the agent is.

import type { V1DaemonSet } from '@kubernetes/client-node/dist/gen/models/V1DaemonSet.js'
import type { Resource } from '../resource.ts'
import type { ObjectOf } from './builtin.ts'

export type DaemonSet = ObjectOf<V1DaemonSet>

export const DAEMON_SETS: Resource<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
}
