// What the controller knows of the cluster: everything that decides about sandboxes, found by what it is looked for.

import { SANDBOX_LABEL, SERVICE_LABEL } from '../../core/fork-marks.ts'
import type {
  Deployment,
  EndpointSlice,
  NetworkPolicy,
  Pod,
  Service,
  StatefulSet,
} from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import type { Rollout } from '../../kubernetes/resources/rollout.ts'
import type { RouteGroup } from '../../kubernetes/resources/route-group.ts'
import type { RoutingTable } from '../../kubernetes/resources/routing-table.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { isForeign } from '../../kubernetes/route-owner.ts'
import { type Change, Store } from '../../kubernetes/store.ts'
import { groupKeyOf } from '../routing/group.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import { routingKeyOf } from '../sandbox/sandbox-identity.ts'
import type { KeptAgent, KeptBudget, KeptNamespace, KeptNode, KeptRoute, KeptScaler, KeptWorkload } from './kept.ts'
import type { Packed } from './packed.ts'

/** What each store holds. */
interface Kept {
  sandboxes: Sandbox
  groups: RouteGroup
  tables: Packed<RoutingTable>
  routes: KeptRoute
  reports: NodeReport
  nodes: KeptNode
  agents: KeptAgent
  namespaces: KeptNamespace
  services: Packed<Service>
  slices: EndpointSlice
  pods: Pod
  deployments: KeptWorkload<Deployment>
  statefulSets: KeptWorkload<StatefulSet>
  rollouts: KeptWorkload<Rollout>
  policies: Packed<NetworkPolicy>
  scalers: KeptScaler
  budgets: KeptBudget
}

export type Listeners = { readonly [K in keyof Kept]?: (change: Change<Kept[K]>) => void }

/** What belongs to a sandbox is found by its mark, the rest of a namespace by `theirs`. */
type Belonging = 'mark' | 'theirs'

export class View {
  readonly sandboxes: Store<Sandbox, 'mark' | 'key' | 'baseline'>
  readonly groups: Store<RouteGroup, 'key' | 'named' | 'matching'>
  readonly tables: Store<Packed<RoutingTable>>
  readonly routes: Store<KeptRoute, 'mark' | 'owner' | 'foreign'>
  readonly reports: Store<NodeReport>
  readonly nodes: Store<KeptNode>
  readonly agents: Store<KeptAgent, 'node'>
  readonly namespaces: Store<KeptNamespace>
  readonly services: Store<Packed<Service>, Belonging>
  readonly slices: Store<EndpointSlice, 'service'>
  readonly pods: Store<Pod, 'mark' | 'address'>
  readonly deployments: Store<KeptWorkload<Deployment>, Belonging>
  readonly statefulSets: Store<KeptWorkload<StatefulSet>, Belonging>
  readonly rollouts: Store<KeptWorkload<Rollout>, Belonging | 'refers'>
  readonly policies: Store<Packed<NetworkPolicy>, Belonging>
  readonly scalers: Store<KeptScaler>
  readonly budgets: Store<KeptBudget>

  #listeners: Listeners = {}

  constructor() {
    const tell = <K extends keyof Kept>(kind: K) => ({
      changed: (change: Change<Kept[K]>) => this.#listeners[kind]?.(change),
    })
    this.sandboxes = new Store(
      { mark: (each) => [markOf(each)], key: keysOf(routingKeyOf), baseline: baselinesOf },
      tell('sandboxes'),
    )
    this.groups = new Store(
      {
        key: keysOf(groupKeyOf),
        named: ({ metadata, spec }) => (spec.sandboxes ?? []).map((name) => place(metadata.namespace, name)),
        matching: ({ metadata, spec }) => (spec.match === undefined ? [] : [metadata.namespace ?? '']),
      },
      tell('groups'),
    )
    this.tables = new Store({}, tell('tables'))
    this.routes = new Store({ mark: madeFor, owner: ownersOf, foreign }, tell('routes'))
    this.reports = new Store({}, tell('reports'))
    this.nodes = new Store({}, tell('nodes'))
    this.agents = new Store({ node: ({ node }) => (node === undefined ? [] : [node]) }, tell('agents'))
    this.namespaces = new Store({}, tell('namespaces'))
    this.services = new Store({ mark: marksOf, theirs }, tell('services'))
    this.slices = new Store(
      { service: ({ metadata }) => [place(metadata.namespace, metadata.labels?.[SLICE_OF] ?? '')] },
      tell('slices'),
    )
    this.pods = new Store(
      { mark: marksOf, address: ({ status }) => (status?.podIPs ?? []).map(({ ip }) => ip.toLowerCase()) },
      tell('pods'),
    )
    this.deployments = new Store({ mark: marksOf, theirs }, tell('deployments'))
    this.statefulSets = new Store({ mark: marksOf, theirs }, tell('statefulSets'))
    this.rollouts = new Store({ mark: marksOf, theirs, refers: referredDeployments }, tell('rollouts'))
    this.policies = new Store({ mark: marksOf, theirs }, tell('policies'))
    this.scalers = new Store({}, tell('scalers'))
    this.budgets = new Store({}, tell('budgets'))
  }

  /** Who hears of changes from now on. */
  listen(listeners: Listeners): void {
    this.#listeners = listeners
  }
}

/** On every EndpointSlice: its Service. */
export const SLICE_OF = 'kubernetes.io/service-name'
/** EndpointSlices have the labels of their Service. */
export const SLICES_OF_FORKS = SERVICE_LABEL
export const PODS_OF_FORKS = SANDBOX_LABEL

export function place(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

/** `namespace` and `name` of a place or a mark. */
export function split(at: string): { readonly namespace: string; readonly name: string } {
  const slash = at.indexOf('/')
  return { namespace: at.slice(0, slash), name: at.slice(slash + 1) }
}

/** By which everything that a sandbox is made of is found. */
export function markOf({ metadata }: Pick<Sandbox, 'metadata'>): string {
  return place(metadata.namespace, labelValue(metadata.name))
}

export function marksOf({ metadata }: Pick<KubernetesObject, 'metadata'>): readonly string[] {
  const mark = metadata.labels?.[SANDBOX_LABEL]
  return mark === undefined ? [] : [place(metadata.namespace, mark)]
}

/** A Deployment that a Rollout takes its template from. */
export function referredDeployments({ metadata, spec }: Packed<Rollout>): readonly string[] {
  const { kind, name } = spec?.workloadRef ?? {}
  return kind === 'Deployment' && name !== undefined ? [place(metadata.namespace, name)] : []
}

export function baselinesOf({ metadata, spec }: Sandbox): readonly string[] {
  return spec.forks.map(({ of }) => `${of.kind} ${place(metadata.namespace, of.name)}`)
}

function theirs(object: Pick<KubernetesObject, 'metadata'>): readonly string[] {
  return marksOf(object).length > 0 ? [] : [object.metadata.namespace ?? '']
}

/** Routes of a RouteGroup carry the mark of a sandbox and are not its own. */
function madeFor(route: KeptRoute): readonly string[] {
  return route.metadata.ownerReferences?.some(({ kind }) => kind === 'Sandbox') === true ? marksOf(route) : []
}

function ownersOf({ metadata }: KeptRoute): readonly string[] {
  return (metadata.ownerReferences ?? []).map(({ uid }) => uid)
}

/** Routes that a person wrote, by namespace. */
function foreign({ metadata }: KeptRoute): readonly string[] {
  return isForeign(metadata) ? [metadata.namespace ?? ''] : []
}

function keysOf<T extends KubernetesObject>(keyOf: (object: T) => string): (object: T) => readonly string[] {
  return (object) => [place(object.metadata.namespace, keyOf(object))]
}
