// A pod of this node, as far as the agent looks at it.

import { INBOUND, INJECT, INTERCEPT, REFUSED, SIDECAR_NAME } from '../../core/annotations.ts'
import { KEY_ANNOTATION } from '../../core/fork-marks.ts'
import { isRoutingKey } from '../../core/routing-key.ts'
import type { Stored } from '../../kubernetes/reflector.ts'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import type { Container } from '../../kubernetes/resources/pod-template.ts'
import type { ProbeSource } from './nft-program.ts'
import { containerId } from './processes.ts'

export interface NodePod extends Stored {
  /** It has asked for a sidecar. */
  readonly optedIn: boolean
  /** Why it got none, in the webhook's words. */
  readonly refusal: string | undefined
  /** All of its containers have ended for good. */
  readonly ended: boolean
  /** It is to be deleted. */
  readonly ending: boolean
  readonly running: boolean
  /** It has one, in a network namespace of its own. */
  readonly sidecar: SidecarContainer | undefined
  readonly addresses: readonly string[]
  /** Containers that have started, by id: others may run as somebody else. */
  readonly containers: readonly string[]
  readonly ownKey: string | undefined
  readonly inbound: boolean
  /** Calls of pods' own addresses are intercepted too. */
  readonly endpoints: boolean
  /** Where the kubelet's probes and hooks call. */
  readonly probePorts: readonly number[]
}

export interface SidecarContainer {
  /** As whom it runs, if its pod says so. */
  readonly uid: number | undefined
  /** The id of the one that runs. The kubelet says so only when the container's postStart hook has ended. */
  readonly running: string | undefined
}

export function readNodePod(pod: Pod): NodePod {
  const { name, namespace = '', uid, resourceVersion, deletionTimestamp, annotations = {} } = pod.metadata
  const { spec, status } = pod
  const container = spec?.initContainers?.find((each) => each.name === SIDECAR_NAME)
  const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const ownState = status?.initContainerStatuses?.find((each) => each.name === SIDECAR_NAME)
  const key = annotations[KEY_ANNOTATION]
  return {
    metadata: {
      name,
      namespace,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    optedIn: annotations[INJECT] !== undefined && annotations[INJECT] !== 'false',
    refusal: annotations[REFUSED],
    ended: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    ending: deletionTimestamp !== undefined,
    running: status?.phase === 'Running',
    sidecar:
      container === undefined || spec?.hostNetwork === true
        ? undefined
        : {
            uid: container.securityContext?.runAsUser ?? spec?.securityContext?.runAsUser,
            running: ownState?.state?.running === undefined ? undefined : containerId(ownState.containerID),
          },
    addresses: (status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip])),
    containers: states.flatMap(({ containerID }) => containerId(containerID) ?? []),
    ownKey: key !== undefined && isRoutingKey(key) ? key : undefined,
    inbound: annotations[INBOUND] === 'true',
    endpoints: annotations[INTERCEPT] === 'endpoints',
    probePorts: probePorts([...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]),
  }
}

/** What the kubelet of a node with these addresses calls, where calls that arrive are redirected. */
export function probesOf({ inbound, probePorts: ports }: NodePod, nodes: readonly string[]): readonly ProbeSource[] {
  return inbound ? nodes.flatMap((from) => ports.map((port) => ({ from, port }))) : []
}

/** The ports that the kubelet itself calls, by number. */
function probePorts(containers: readonly Container[]): readonly number[] {
  const found = new Set<number>()
  for (const container of containers) {
    const handlers = [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
      container.lifecycle?.postStart,
      container.lifecycle?.preStop,
    ]
    for (const handler of handlers) {
      const grpc = handler !== undefined && 'grpc' in handler ? handler.grpc?.port : undefined
      for (const port of [handler?.httpGet?.port, handler?.tcpSocket?.port, grpc]) {
        const number = portNumber(port, container)
        if (number !== undefined) found.add(number)
      }
    }
  }
  return [...found].toSorted((a, b) => a - b)
}

/** Of a number, a name, or a number that is written as text. */
function portNumber(port: unknown, container: Container): number | undefined {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)
  const number = named?.containerPort ?? Number(port)
  return typeof port === 'string' && Number.isInteger(number) ? number : undefined
}
