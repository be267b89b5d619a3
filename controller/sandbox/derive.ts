// Derives a fork: from the baseline and what stands around it to every object that the fork is made of, and what its author should know.

import { labelValue } from '../../kubernetes/label-value.ts'
import type { LabelSelector, Labels } from '../../kubernetes/label-selector.ts'
import type { NetworkPolicy, Service } from '../../kubernetes/resources/builtin.ts'
import type { Fork, Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { PodTemplate } from '../../kubernetes/resources/pod-template.ts'
import type { Desired } from '../plan/desired.ts'
import { digest } from '../plan/digest.ts'
import { type BaselineSurroundings, aboutBaseline, aboutSelectors } from './about-baseline.ts'
import type { Baseline } from './baseline.ts'
import { deploymentFork } from './deployment-fork.ts'
import type { Findings } from './finding.ts'
import { type PluginPolicy, foreignPolicies } from './foreign-policies.ts'
import { forkLabels, type SelectorInUse } from './fork-labels.ts'
import { WORKLOAD_NAME_LENGTH, forkName, objectName } from './fork-name.ts'
import { type PolicyCopy, type PolicySurroundings, forkPolicies } from './fork-policies.ts'
import { type Relabelled, followLabels } from './fork-scheduling.ts'
import { forkTemplate } from './fork-template.ts'
import { VERSION_ANNOTATION } from './fork-state.ts'
import { forkSelector, forkedService, forkedServiceName, serves } from './forked-service.ts'
import { ownedBy, routingKeyOf } from './sandbox-identity.ts'
import { type AccessModes, sharedClaims } from './shared-claims.ts'
import { joinsPeers, sideEffects } from './side-effects.ts'
import { statefulSetFork } from './stateful-set-fork.ts'
import { withoutTracking } from './tracking-marks.ts'

/** What there is in the sandbox's namespace, and what holds there. */
export interface Surroundings extends PolicySurroundings, BaselineSurroundings {
  /** Of workloads, PodDisruptionBudgets and monitors; those of Services need not be among them. */
  readonly selectors: readonly SelectorInUse[]
  readonly claims: AccessModes
  readonly foreignPolicies: readonly NetworkPolicy[]
  readonly pluginPolicies: readonly PluginPolicy[]
}

export interface DerivedFork extends Findings {
  /** The fork's workload. */
  readonly name: string
  readonly baseline: Baseline
  readonly replicas: number
  /** Another one whenever the pods are to be others. */
  readonly version: string
  /** Labels that only its pods have. */
  readonly selector: Labels
  /** Nothing if there are problems. */
  readonly objects: readonly Desired[]
  /** The baseline's Services, each with the name of the fork's own. */
  readonly services: readonly ForkedService[]
}

export interface ForkedService {
  readonly service: Service
  readonly fork: string
}

/** `index` is the place of `fork` among the sandbox's. */
export function deriveFork(
  sandbox: Sandbox,
  index: number,
  fork: Fork,
  baseline: Baseline,
  around: Surroundings,
): DerivedFork {
  const { name: sandboxName, namespace = '' } = sandbox.metadata
  const name = forkName(fork.of.name, sandboxName, WORKLOAD_NAME_LENGTH)
  const selector = forkSelector(labelValue(sandboxName), labelValue(fork.of.name))
  const before = baseline.template.metadata?.labels ?? {}
  const services = around.services.filter((service) => serves(service, before))
  const forked = forkTemplate(baseline.template, fork, {
    sandbox: sandboxName,
    key: routingKeyOf(sandbox),
    path: `spec.forks[${index}]`,
  })
  const { labels, selectedBy } = forkLabels(
    forked.template.metadata?.labels ?? {},
    baseline.selector,
    inUse(baseline, around),
    name,
  )
  const pods: Relabelled = { before, after: { ...labels, ...selector } }
  const scheduled = followLabels(forked.template.spec, pods)
  const relabelled = { metadata: { ...forked.template.metadata, labels: pods.after }, spec: scheduled.spec }
  const version = digest(relabelled)
  const template = withAnnotation(relabelled, VERSION_ANNOTATION, version)
  const common = { namespace, labels: selector, ownerReferences: [ownedBy(sandbox)] }
  const replicas = fork.replicas ?? 1
  const metadata = {
    ...common,
    name,
    labels: workloadLabels(baseline, pods, selector),
    annotations: withoutTracking(baseline.metadata.annotations),
  }
  const intent = { baseline, metadata, replicas, selector, template }
  const governing = baseline.statefulSet?.serviceName
  const workload =
    baseline.statefulSet === undefined
      ? deploymentFork(intent)
      : statefulSetFork(
          intent,
          services.some((each) => each.metadata.name === governing)
            ? forkedServiceName(governing ?? '', sandboxName)
            : undefined,
        )
  const objects = [
    workload,
    ...services.map((service) => forkedService(service, sandboxName, selector, common)),
    ...forkPolicies(pods, selector, around).map((copy) => policyObject(copy, name, common)),
  ]
  const warnings = [
    ...forked.warnings,
    ...scheduled.warnings,
    ...aboutSelectors(selectedBy),
    ...sharedClaims(template.spec, around.claims),
    ...sideEffects(template.spec, baseline.template.spec),
    ...(governing === undefined || governing === ''
      ? []
      : joinsPeers(template.spec, baseline.metadata.name, governing)),
    ...foreignPolicies(pods, around.namespaceLabels, around.foreignPolicies, around.pluginPolicies),
    ...aboutBaseline(baseline, services, around),
  ]
  return {
    name,
    baseline,
    replicas,
    version,
    selector,
    objects: forked.problems.length > 0 ? [] : objects,
    services: services.map((service) => ({ service, fork: forkedServiceName(service.metadata.name, sandboxName) })),
    problems: forked.problems,
    warnings,
  }
}

function withAnnotation(template: PodTemplate, name: string, value: string): PodTemplate {
  const { metadata = {} } = template
  return { ...template, metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: value } } }
}

/** The baseline's own selector first: it decides which labels change. */
function inUse(baseline: Baseline, { services, selectors }: Surroundings): readonly SelectorInUse[] {
  const own: SelectorInUse = { of: `${baseline.kind} ${baseline.metadata.name}`, selector: baseline.selector }
  const ofServices = services.map(({ metadata, spec }): SelectorInUse | undefined => {
    const matchLabels = spec?.selector ?? {}
    return Object.keys(matchLabels).length === 0
      ? undefined
      : { of: `Service ${metadata.name}`, selector: { matchLabels } }
  })
  return [
    ...(isEmpty(baseline.selector) ? [] : [own]),
    ...ofServices.filter((each) => each !== undefined),
    ...selectors,
  ]
}

/** The labels of the baseline, those of its pods that changed likewise, so that nobody who deletes by label takes the fork along. */
function workloadLabels({ metadata }: Baseline, { before, after }: Relabelled, selector: Labels): Labels {
  const kept = Object.entries(withoutTracking(metadata.labels))
  const followed = kept.map(([key, value]) => [key, before[key] === value ? (after[key] ?? value) : value])
  return { ...Object.fromEntries(followed), 'app.kubernetes.io/managed-by': 'sidetrack', ...selector }
}

function policyObject(
  { original, about, spec }: PolicyCopy,
  fork: string,
  common: Omit<Desired['metadata'], 'name'>,
): Desired {
  const { apiVersion, kind, metadata } = original
  const name = objectName(`${metadata.name}--${fork}${about === 'peer' ? '--peer' : ''}`)
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }
  return {
    kind: 'NetworkPolicy',
    metadata: { ...common, name, ...(about === 'peer' ? { ownerReferences: [owner] } : {}) },
    spec,
  }
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0
}
