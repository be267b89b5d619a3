// A sandbox as it is when it has been ready for a while: what the controller makes of it by its own rules, and what a cluster adds.

import { randomUUID } from 'node:crypto'
import type { Desired } from '../../controller/plan/desired.ts'
import { plan } from '../../controller/plan/plan.ts'
import { baselinesOf, sandboxWorld } from '../../controller/reconcile/world.ts'
import { forkState, VERSION_ANNOTATION } from '../../controller/sandbox/fork-state.ts'
import { sandboxRoutes } from '../../controller/sandbox/sandbox-routes.ts'
import { shapeSandbox } from '../../controller/sandbox/shape.ts'
import { statusOf } from '../../controller/sandbox/status.ts'
import type { Neighbourhoods } from '../../controller/view/neighbourhoods.ts'
import type { View } from '../../controller/view/view.ts'
import { FORK_OF_LABEL, SANDBOX_LABEL, SERVICE_LABEL } from '../../core/fork-marks.ts'
import type { EndpointSlice, Pod } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { Programmed, Sandbox } from '../../kubernetes/resources/sandbox.ts'

export interface Grown {
  /** Its children, its pod and the pod's endpoints. */
  readonly parts: readonly KubernetesObject[]
  /** With its status, once its routes are written and in force. */
  readonly whole: (programmed: Programmed) => Sandbox
}

/** `sandbox` has one fork of a Deployment with one Service. `address`: of its pod. */
export function grow(sandbox: Sandbox, address: string, view: View, around: Neighbourhoods): Grown {
  const now = Date.now()
  const { namespace = '' } = sandbox.metadata
  const limits = { ttl: {} }
  const baselines = baselinesOf(sandbox, view)
  const shape = shapeSandbox(sandboxWorld(sandbox, view, { around, limits, baselines, claims: new Map(), now }))
  const [fork] = shape.forks
  const own = fork?.services[0]?.fork
  if (fork === undefined || own === undefined) throw new Error(`${sandbox.metadata.name} has no fork with a Service`)
  const labels = { [SANDBOX_LABEL]: sandbox.metadata.name, [FORK_OF_LABEL]: fork.baseline.metadata.name }
  const pod = podOf(namespace, fork.name, labels, fork.version, address)
  const slice = sliceOf(own, pod, address)
  const workload = { uid: '', generation: 1, observedGeneration: 1 }
  const { replicas, version } = fork
  const state = forkState({ replicas, version, workload, pods: [pod], events: [], lastLines: new Map() })
  const routing = sandboxRoutes(sandbox, [{ fork, state, slices: new Map([[own, [slice]]]) }], [])
  const { applies } = plan([...fork.objects, ...routing.routes], [], new Map())
  const inForce = { programmed: true, reason: 'InForce', message: 'In force on every node.' }
  return {
    parts: [...applies.map(stored), pod, slice],
    whole(programmed) {
      const input = {
        state: {
          problems: shape.problems,
          warnings: shape.warnings,
          forks: [{ of: fork.baseline.metadata.name, state }],
          routes: { services: routing.services.length, unready: routing.unready, programmed: inForce },
          lost: [],
        },
        services: routing.services,
        wanted: programmed,
        updatedAt: now,
        expiresAt: shape.expiresAt,
        now,
      }
      return { ...sandbox, status: statusOf(sandbox, input) }
    },
  }
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Service: 'v1',
  Route: 'sidetrack.dev/v1alpha1',
}

/** As the API server keeps it. */
function stored({ kind, metadata, spec }: Desired): KubernetesObject {
  const apiVersion = API_VERSIONS[kind]
  if (apiVersion === undefined) throw new Error(`a sandbox of the measurement has no ${kind}`)
  const whole = { apiVersion, kind, metadata: { ...metadata, ...born() }, spec }
  if (kind === 'Deployment') return Object.assign(whole, { status: { observedGeneration: 1 } })
  return whole
}

/** What the API server gives every object. */
export function born() {
  const creationTimestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return { uid: randomUUID(), generation: 1, creationTimestamp }
}

function podOf(
  namespace: string,
  fork: string,
  labels: Readonly<Record<string, string>>,
  version: string,
  address: string,
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: `${fork}-1`, labels, annotations: { [VERSION_ANNOTATION]: version }, ...born() },
    spec: { nodeName: 'node-a', containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
}

function sliceOf(service: string, { metadata }: Pod, address: string): EndpointSlice {
  const labels = {
    'kubernetes.io/service-name': service,
    [SERVICE_LABEL]: service,
    [SANDBOX_LABEL]: metadata.labels?.[SANDBOX_LABEL] ?? '',
  }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: metadata.namespace ?? '', name: `${service}-x`, labels, ...born() },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [endpoint(metadata, address)],
  }
}

/** Where the pod is reached. */
export function endpoint({ name, uid = '' }: Pick<Pod['metadata'], 'name' | 'uid'>, address: string) {
  return { addresses: [address], conditions: { ready: true }, targetRef: { kind: 'Pod', name, uid } }
}
