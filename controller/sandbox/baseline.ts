// A workload that can be forked, whatever its kind, as far as its fork depends on it.

import type { LabelSelector } from '../../kubernetes/label-selector.ts'
import type { Deployment, StatefulSet } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { PodTemplate } from '../../kubernetes/resources/pod-template.ts'
import type { Rollout } from '../../kubernetes/resources/rollout.ts'
import type { ForkedWorkload } from '../../kubernetes/resources/sandbox.ts'

export interface Baseline {
  readonly kind: ForkedWorkload['kind']
  readonly metadata: KubernetesObject['metadata']
  readonly template: PodTemplate
  /** Nothing if nobody says: a Rollout may leave it to the object that it refers to. */
  readonly selector: LabelSelector
  /** Its pods are not replaced one by one. */
  readonly recreate: boolean
  /** Where it is one. */
  readonly statefulSet?: NonNullable<StatefulSet['spec']>
}

export function fromDeployment({ metadata, spec }: Deployment): Baseline | undefined {
  if (spec === undefined) return undefined
  const { template, selector, strategy } = spec
  return withTemplate({ kind: 'Deployment', metadata, selector, recreate: strategy?.type === 'Recreate' }, template)
}

export function fromStatefulSet({ metadata, spec }: StatefulSet): Baseline | undefined {
  if (spec === undefined) return undefined
  const { template, selector } = spec
  return withTemplate({ kind: 'StatefulSet', metadata, selector, recreate: false, statefulSet: spec }, template)
}

/** `referred` is the Deployment of its `workloadRef`. Undefined if it has neither that nor a template. */
export function fromRollout({ metadata, spec }: Rollout, referred: Deployment | undefined): Baseline | undefined {
  const source = spec?.template === undefined ? referred?.spec : spec
  if (source?.template === undefined) return undefined
  const selector = spec?.selector ?? referred?.spec?.selector ?? {}
  return withTemplate({ kind: 'Rollout', metadata, selector, recreate: false }, source.template)
}

function withTemplate(
  baseline: Omit<Baseline, 'template'>,
  { metadata, spec }: NonNullable<Deployment['spec']>['template'],
): Baseline | undefined {
  if (spec === undefined) return undefined
  const { labels = {}, annotations = {} } = metadata ?? {}
  return { ...baseline, template: { metadata: { labels, annotations }, spec } }
}
