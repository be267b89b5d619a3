// Rules that keep a baseline's pods apart or together, by labels that its fork no longer has: made to mean the fork's own pods.

import { type LabelSelector, type Labels, selects } from '../../kubernetes/label-selector.ts'
import type { PodSpec } from '../../kubernetes/resources/pod-template.ts'
import type { Warning } from './finding.ts'

type Affinity = NonNullable<PodSpec['affinity']>
type PodTerms = NonNullable<Affinity['podAffinity']>
type Term = NonNullable<PodTerms['requiredDuringSchedulingIgnoredDuringExecution']>[number]

/** The labels of the pods before and after. */
export interface Relabelled {
  readonly before: Labels
  readonly after: Labels
}

/** A rule about the pods' own labels follows them, so that the fork is spread among itself; rules about other pods stay. */
export function followLabels(
  spec: PodSpec,
  labels: Relabelled,
): { readonly spec: PodSpec; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = []
  const follow = (selector: LabelSelector | undefined, what: string): LabelSelector | undefined => {
    if (selector === undefined || !selects(selector, labels.before) || selects(selector, labels.after)) return selector
    const followed = relabel(selector, labels)
    if (selects(followed, labels.after)) return followed
    warnings.push({
      reason: 'SchedulingRuleKept',
      message: `${what} is about the baseline's pods and does not hold for the fork's.`,
    })
    return selector
  }
  const term = (each: Term, what: string): Term => {
    const foreign = (each.namespaces?.length ?? 0) > 0 || each.namespaceSelector !== undefined
    const labelSelector = foreign ? each.labelSelector : follow(each.labelSelector, what)
    return labelSelector === undefined ? each : { ...each, labelSelector }
  }
  const { affinity, topologySpreadConstraints } = spec
  const changed: PodSpec = {
    ...spec,
    ...(affinity === undefined ? {} : { affinity: followAffinity(affinity, term) }),
    ...(topologySpreadConstraints === undefined
      ? {}
      : {
          topologySpreadConstraints: topologySpreadConstraints.map((each) => {
            const labelSelector = follow(each.labelSelector, `The spread over ${each.topologyKey}`)
            return labelSelector === undefined ? each : { ...each, labelSelector }
          }),
        }),
  }
  return { spec: changed, warnings }
}

function followAffinity(affinity: Affinity, term: (each: Term, what: string) => Term): Affinity {
  const { podAffinity, podAntiAffinity } = affinity
  return {
    ...affinity,
    ...(podAffinity === undefined
      ? {}
      : { podAffinity: followTerms(podAffinity, (each) => term(each, 'A pod affinity')) }),
    ...(podAntiAffinity === undefined
      ? {}
      : { podAntiAffinity: followTerms(podAntiAffinity, (each) => term(each, 'A pod anti-affinity')) }),
  }
}

function followTerms(terms: PodTerms, term: (each: Term) => Term): PodTerms {
  const required = terms.requiredDuringSchedulingIgnoredDuringExecution
  const preferred = terms.preferredDuringSchedulingIgnoredDuringExecution
  return {
    ...(required === undefined ? {} : { requiredDuringSchedulingIgnoredDuringExecution: required.map(term) }),
    ...(preferred === undefined
      ? {}
      : {
          preferredDuringSchedulingIgnoredDuringExecution: preferred.map((each) => ({
            ...each,
            podAffinityTerm: term(each.podAffinityTerm),
          })),
        }),
  }
}

function relabel({ matchLabels, matchExpressions }: LabelSelector, { before, after }: Relabelled): LabelSelector {
  const follow = (key: string, value: string) => (before[key] === value ? (after[key] ?? value) : value)
  return {
    ...(matchLabels === undefined
      ? {}
      : {
          matchLabels: Object.fromEntries(Object.entries(matchLabels).map(([key, value]) => [key, follow(key, value)])),
        }),
    ...(matchExpressions === undefined
      ? {}
      : {
          matchExpressions: matchExpressions.map((each) =>
            each.operator === 'In'
              ? { ...each, values: (each.values ?? []).map((value) => follow(each.key, value)) }
              : each,
          ),
        }),
  }
}
