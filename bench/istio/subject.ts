// What is compared: the same call between two pods without a proxy, through Sidetrack and through Istio, on one side and on both.

import { INBOUND, INJECT } from '../../core/annotations.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { wholeRulePattern } from '../rule.ts'

export interface Subject {
  /** As figures name it. */
  readonly name: string
  readonly mesh: 'none' | 'sidetrack' | 'istio'
  readonly sides: 'none' | 'client' | 'both'
  readonly mutualTls: boolean
}

export const NO_PROXY: Subject = { name: 'no proxy', mesh: 'none', sides: 'none', mutualTls: false }
export const SIDETRACK = named('Sidetrack, client side', 'sidetrack', 'client')
export const SIDETRACK_BOTH = named('Sidetrack, both sides', 'sidetrack', 'both')
export const ISTIO = named('Istio, client side', 'istio', 'client')
export const ISTIO_BOTH = named('Istio, both sides', 'istio', 'both')
export const ISTIO_TLS: Subject = { ...named('Istio, both sides, mutual TLS', 'istio', 'both'), mutualTls: true }

export const SUBJECTS: readonly Subject[] = [NO_PROXY, SIDETRACK, SIDETRACK_BOTH, ISTIO, ISTIO_BOTH, ISTIO_TLS]

function named(name: string, mesh: Subject['mesh'], sides: Subject['sides']): Subject {
  return { name, mesh, sides, mutualTls: false }
}

export const POD_IMAGE = 'localhost/sidetrack/bench-pod:bench'
/** The containers that are proxies. */
export const PROXIES: ReadonlySet<string> = new Set(['sidetrack', 'istio-proxy'])
/** The Sandbox whose fork all keys lead to, and its key. */
export const SANDBOX = 'pr-0'

/** An object of any kind. */
export interface Described extends KubernetesObject {
  readonly spec: object
}

interface Marks {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** What a pod on this side carries to get its proxy. */
export function marksFor({ mesh, sides }: Subject, side: 'client' | 'server'): Marks {
  if (sides === 'none' || (side === 'server' && sides === 'client')) return {}
  if (mesh === 'istio') return { labels: { 'sidecar.istio.io/inject': 'true' } }
  return { annotations: { [INJECT]: 'true', ...(side === 'server' ? { [INBOUND]: 'true' } : {}) } }
}

/** Fit for any of the three: no probes that a proxy would have to pass on, and the same requests of CPU for everybody. */
export function deployment(
  namespace: string,
  name: string,
  {
    marks,
    replicas = 1,
    node,
    labels = {},
    variant,
  }: {
    readonly marks: Marks
    readonly replicas?: number
    readonly node?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly variant: 'baseline' | 'fork'
  },
): Described {
  const own = { app: name, ...labels }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: own },
      template: {
        metadata: { labels: { ...own, ...marks.labels }, annotations: marks.annotations ?? {} },
        spec: {
          ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
          terminationGracePeriodSeconds: 1,
          containers: [podContainer(variant)],
        },
      },
    },
  }
}

export function podContainer(variant: 'baseline' | 'fork') {
  return {
    name: 'app',
    image: POD_IMAGE,
    imagePullPolicy: 'Never',
    args: [`/pods/${variant}.conf`],
    ports: [{ name: 'http', containerPort: 8080 }],
    securityContext: { runAsUser: 1000 },
  }
}

/** Namespace, both ends, the fork, and what routes by ten keys or as many as there are. */
export function objectsOf(
  subject: Subject,
  namespace: string,
  keys: readonly string[],
  clients: number,
): readonly object[] {
  const server = marksFor(subject, 'server')
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'echo', namespace },
    spec: { selector: { app: 'echo' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  }
  const version = (name: string) => (subject.mesh === 'istio' ? { version: name } : {})
  return [
    service,
    deployment(namespace, 'client', {
      marks: marksFor(subject, 'client'),
      replicas: clients,
      // Many are spread over both nodes.
      ...(clients === 1 ? { node: 'node1' } : {}),
      variant: 'baseline',
    }),
    deployment(namespace, 'echo', { marks: server, node: 'node2', labels: version('baseline'), variant: 'baseline' }),
    ...(subject.mesh === 'sidetrack' ? [sandbox(namespace)] : []),
    ...(subject.mesh === 'istio' ? istioObjects(subject, namespace, allToFork(keys)) : []),
  ]
}

export function namespaceObject({ mesh }: Subject, name: string): object {
  const labels = mesh === 'sidetrack' ? { 'sidetrack.dev/sandboxes': 'enabled' } : {}
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

/** As a person makes it: the fork is the controller's work. */
export function sandbox(namespace: string, name = SANDBOX) {
  const patch = { spec: { containers: [{ name: 'app', args: ['/pods/fork.conf'] }] } }
  return {
    apiVersion: 'sidetrack.dev/v1alpha1',
    kind: 'Sandbox',
    metadata: { name, namespace },
    spec: { forks: [{ of: { kind: 'Deployment' as const, name: 'echo' }, patch }] },
  }
}

/** Which subset of the Service has a key's requests. */
export type IstioForks = Readonly<Record<string, string>>

function istioObjects(subject: Subject, namespace: string, forks: IstioForks): readonly object[] {
  const mtls = { mode: subject.mutualTls ? 'STRICT' : 'DISABLE' }
  const pods = deployment(namespace, 'echo-fork', {
    marks: marksFor(subject, 'server'),
    node: 'node2',
    labels: { app: 'echo', version: 'fork' },
    variant: 'fork',
  })
  return [
    pods,
    istioObject('security.istio.io/v1', 'PeerAuthentication', namespace, { mtls }),
    ...istioRules(namespace, forks),
  ]
}

/** One match for each sandbox, as each has a fork of its own in earnest. */
export function istioRules(namespace: string, forks: IstioForks): readonly Described[] {
  const names = new Set(['baseline', 'fork', ...Object.values(forks)])
  const subsets = [...names].map((name) => ({ name, labels: { version: name } }))
  const http = [
    ...Object.entries(forks).map(([key, subset]) => ({
      match: [{ headers: { baggage: { regex: wholeRulePattern([key]) } } }],
      route: routeTo(subset),
    })),
    { route: routeTo('baseline') },
  ]
  return [
    istioObject('networking.istio.io/v1', 'DestinationRule', namespace, { host: 'echo', subsets }),
    istioObject('networking.istio.io/v1', 'VirtualService', namespace, { hosts: ['echo'], http }),
  ]
}

function routeTo(subset: string): readonly object[] {
  return [{ destination: { host: 'echo', subset } }]
}

/** All keys lead to the one fork that there is from the start. */
export function allToFork(keys: readonly string[]): IstioForks {
  return Object.fromEntries(keys.map((key) => [key, 'fork']))
}

function istioObject(apiVersion: string, kind: string, namespace: string, spec: object): Described {
  return { apiVersion, kind, metadata: { name: 'echo', namespace }, spec }
}
