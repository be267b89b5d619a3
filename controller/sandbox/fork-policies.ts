// NetworkPolicies of the namespace that would cut a fork off or leave it open: copied so that the fork may do what its baseline may.

import { FORK_OF_LABEL } from '../../core/fork-marks.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import { type Labels, selects } from '../../kubernetes/label-selector.ts'
import type { NetworkPolicy } from '../../kubernetes/resources/builtin.ts'
import type { Relabelled } from './fork-scheduling.ts'

type Spec = NonNullable<NetworkPolicy['spec']>
type Peer = NonNullable<NonNullable<NonNullable<Spec['ingress']>[number]['from']>[number]>

export interface PolicyCopy {
  readonly original: NetworkPolicy
  /**
   * `fork`: it holds for the fork's pods as the original for the baseline's. `peer`: it holds for the original's pods, and lets them talk to
   * the fork as to the baseline; without the original it would cut these pods off from everybody else, so it must go with it.
   */
  readonly about: 'fork' | 'peer'
  readonly spec: Spec
}

export interface PolicySurroundings {
  readonly policies: readonly NetworkPolicy[]
  readonly namespaceLabels: Labels
  /** Workloads of the namespace with the labels of their pods. */
  readonly workloads: readonly { readonly name: string; readonly labels: Labels }[]
}

/** `selector`: labels that only this fork's pods have. */
export function forkPolicies(pods: Relabelled, selector: Labels, around: PolicySurroundings): readonly PolicyCopy[] {
  return around.policies.flatMap((original) => {
    const { spec } = original
    if (spec === undefined) return []
    const copies: PolicyCopy[] = []
    const holdsBefore = selects(spec.podSelector ?? {}, pods.before)
    if (holdsBefore && !selects(spec.podSelector ?? {}, pods.after)) {
      copies.push({ original, about: 'fork', spec: ofFork(spec, selector, around) })
    }
    const peer = withForkAsPeer(spec, pods, selector, around)
    if (peer !== undefined) copies.push({ original, about: 'peer', spec: peer })
    return copies
  })
}

function ofFork(spec: Spec, selector: Labels, around: PolicySurroundings): Spec {
  const peers = (list: readonly Peer[]) => list.flatMap((peer) => [peer, ...forksOf(peer, around)])
  const { ingress, egress } = spec
  return {
    ...spec,
    podSelector: { matchLabels: selector },
    ...(ingress === undefined
      ? {}
      : { ingress: ingress.map((rule) => (rule.from === undefined ? rule : { ...rule, from: peers(rule.from) })) }),
    ...(egress === undefined
      ? {}
      : { egress: egress.map((rule) => (rule.to === undefined ? rule : { ...rule, to: peers(rule.to) })) }),
  }
}

/** Whoever may talk to the baseline of a workload may talk to its forks, of whichever sandbox: a request can carry several keys. */
function forksOf(peer: Peer, { workloads }: PolicySurroundings): readonly Peer[] {
  const { podSelector, namespaceSelector } = peer
  if (podSelector === undefined || namespaceSelector !== undefined) return []
  const values = workloads.filter(({ labels }) => selects(podSelector, labels)).map(({ name }) => labelValue(name))
  if (values.length === 0) return []
  return [
    {
      podSelector: {
        matchExpressions: [{ key: FORK_OF_LABEL, operator: 'In', values: [...new Set(values)].toSorted() }],
      },
    },
  ]
}

/** Only the rules that name the baseline's pods and not the fork's, for the fork alone; undefined if there are none. */
function withForkAsPeer(spec: Spec, pods: Relabelled, selector: Labels, around: PolicySurroundings): Spec | undefined {
  const lost = (peers: readonly Peer[] | undefined) =>
    peers?.some((peer) => names(peer, pods.before, around)) === true &&
    !peers.some((peer) => names(peer, pods.after, around))
  const fork = [{ podSelector: { matchLabels: selector } }]
  const ingress = (spec.ingress ?? []).filter(({ from }) => lost(from)).map((rule) => ({ ...rule, from: fork }))
  const egress = (spec.egress ?? []).filter(({ to }) => lost(to)).map((rule) => ({ ...rule, to: fork }))
  if (ingress.length + egress.length === 0) return undefined
  return {
    podSelector: spec.podSelector ?? {},
    // Not one more direction than there are rules for: an empty one forbids everything.
    policyTypes: [...(ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])],
    ...(ingress.length > 0 ? { ingress } : {}),
    ...(egress.length > 0 ? { egress } : {}),
  }
}

function names(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  labels: Labels,
  { namespaceLabels }: PolicySurroundings,
): boolean {
  if (ipBlock !== undefined) return false
  if (namespaceSelector !== undefined && !selects(namespaceSelector, namespaceLabels)) return false
  return podSelector === undefined ? namespaceSelector !== undefined : selects(podSelector, labels)
}
