// The Services of a baseline, and the fork's own that stands beside each: headless, there to get EndpointSlices.

import { FORK_OF_LABEL, SANDBOX_LABEL, SERVICE_LABEL } from '../../core/fork-marks.ts'
import { type Labels, containsLabels } from '../../kubernetes/label-selector.ts'
import type { Service } from '../../kubernetes/resources/builtin.ts'
import type { Desired } from '../plan/desired.ts'
import { SERVICE_NAME_LENGTH, forkName } from './fork-name.ts'

/** Argo Rollouts adds it to the Services that it switches between versions, and to the pods, but not to the template. */
const ROLLOUT_HASH = 'rollouts-pod-template-hash'
/** A Service that names one pod of a StatefulSet. */
const POD_NAME = 'statefulset.kubernetes.io/pod-name'

/** Whether `service` is one that sends requests to pods with `labels`, and is no fork's. */
export function serves(service: Service, labels: Labels): boolean {
  const selector = selectorOf(service)
  return selector !== undefined && containsLabels(labels, selector)
}

/** Whether `service` leads to a single pod of a StatefulSet whose pods have `labels`. */
export function servesOnePod(service: Service, labels: Labels): boolean {
  const selector = selectorOf(service)
  if (selector?.[POD_NAME] === undefined) return false
  const { [POD_NAME]: _, ...rest } = selector
  return containsLabels(labels, rest)
}

function selectorOf({ metadata, spec }: Service): Labels | undefined {
  if (metadata.labels?.[SANDBOX_LABEL] !== undefined || spec?.type === 'ExternalName') return undefined
  const { [ROLLOUT_HASH]: _, ...selector } = spec?.selector ?? {}
  return Object.keys(selector).length === 0 ? undefined : selector
}

/** `selector` are labels that only the fork's pods have; `metadata` is common to what the fork is made of. */
export function forkedService(
  { metadata: { name }, spec }: Service,
  sandbox: string,
  selector: Labels,
  metadata: Omit<Desired['metadata'], 'name'>,
): Desired {
  const { ports = [], ipFamilies, ipFamilyPolicy } = spec ?? {}
  return {
    kind: 'Service',
    metadata: {
      ...metadata,
      name: forkedServiceName(name, sandbox),
      labels: { ...metadata.labels, [SERVICE_LABEL]: name },
    },
    spec: {
      clusterIP: 'None',
      selector,
      ports: ports.map((each) => ({
        ...(each.name === undefined ? {} : { name: each.name }),
        protocol: each.protocol ?? 'TCP',
        ...(each.appProtocol === undefined ? {} : { appProtocol: each.appProtocol }),
        port: each.port,
        targetPort: each.targetPort ?? each.port,
      })),
      ...(ipFamilies === undefined ? {} : { ipFamilies }),
      ...(ipFamilyPolicy === undefined ? {} : { ipFamilyPolicy }),
      // Not `publishNotReadyAddresses`, whatever the baseline's peers want to see of each other: a route leads to ready pods only. An API server
      // does not tell of what is false, and what it does not tell of would be applied again by whoever takes over.
    },
  }
}

export function forkedServiceName(service: string, sandbox: string): string {
  return forkName(service, sandbox, SERVICE_NAME_LENGTH)
}

/** The labels of everything that a fork is made of, and by which its pods are selected. */
export function forkSelector(sandboxValue: string, workloadValue: string): Labels {
  return { [SANDBOX_LABEL]: sandboxValue, [FORK_OF_LABEL]: workloadValue }
}
