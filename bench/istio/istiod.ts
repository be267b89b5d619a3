// A real istiod with its injector, as a process in the network of the cluster's first node.

import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { fromRoot } from '../root.ts'
import { type BenchCluster, capture, readText } from './cluster.ts'

export interface Istiod {
  readonly version: string
  readonly pid: number
  stop(): Promise<void>
}

/** What of Istio's own manifests a process needs: it is no Deployment, and its Service has no pods to select. */
const KEPT = new Set(['CustomResourceDefinition', 'ConfigMap', 'MutatingWebhookConfiguration', 'ServiceAccount'])
/** In the cluster's range, and otherwise free. */
const SERVICE_IP = '10.96.77.15'
/** Of the first node, where the process listens. */
const ADDRESS = '10.89.0.1'
const NAMESPACE = 'istio-system'
const LIMIT_MS = 60_000

/** Upstream's Envoy has no filter for metadata exchange or Istio's ALPN: both are off, as `iop.yaml` has telemetry off. */
const ENVIRONMENT = {
  POD_NAMESPACE: NAMESPACE,
  POD_NAME: 'istiod',
  SERVICE_ACCOUNT: 'istiod',
  REVISION: 'default',
  CLUSTER_ID: 'Kubernetes',
  PILOT_CERT_PROVIDER: 'istiod',
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  PILOT_ENABLE_ALPN_FILTER: 'false',
  PILOT_ENABLE_GATEWAY_API: 'false',
  ENABLE_NATIVE_SIDECARS: 'true',
  GOMEMLIMIT: '2GiB',
} as const

/** `built` is the folder that `bench/istio/setup` printed. */
export async function startIstiod(cluster: BenchCluster, built: string, signal: AbortSignal): Promise<Istiod> {
  const manifests = capture(join(built, 'istioctl'), [
    'manifest',
    'generate',
    '-f',
    fromRoot('bench', 'istio', 'iop.yaml'),
  ])
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }])
  await cluster.apply(picked(manifests))
  const log = openSync('/tmp/sidetrack-bench-istiod.log', 'w')
  // The shell tells its process id, which is istiod's then.
  const told = ['sh', '-c', 'echo $$; exec "$@"', 'sh']
  const ports = ['--httpAddr', '127.0.0.1:18080', '--ctrlz_port', '19876', '--monitoringAddr', ':15014']
  const where = ['--domain', 'cluster.local', '--kubeconfig', cluster.localKubeconfig]
  const command = [...told, join(built, 'pilot-discovery'), 'discovery', ...where, ...ports]
  const [program = '', ...args] = cluster.inNetwork(command)
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', log],
    env: { ...process.env, ...ENVIRONMENT, KUBECONFIG: cluster.localKubeconfig },
    cwd: '/tmp',
  })
  const ended = once(child, 'exit')
  if (child.stdout === null) throw new Error('istiod without an output')
  const lines = createInterface(child.stdout)
  const [line] = await Promise.race([once(lines, 'line'), ended.then(() => [''])])
  lines.resume()
  const pid = Number(line)
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) process.kill(pid, 'SIGTERM')
    await ended
  }
  try {
    await untilInjecting(cluster, signal)
  } catch (error) {
    await stop()
    throw error
  }
  return { version: readText(join(built, 'version')).trim(), pid, stop }
}

function picked(manifests: string): readonly object[] {
  return parseAllDocuments(manifests).flatMap((document): object[] => {
    const object = document.toJS() as (KubernetesObject & { readonly spec?: Service }) | null
    if (object === null) return []
    if (object.kind === 'Service' && object.metadata.name === 'istiod') return withoutPods(object, object.spec)
    return KEPT.has(object.kind) && object.metadata.name !== 'values' ? [object] : []
  })
}

interface Service {
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort?: number }[]
}

function withoutPods(object: KubernetesObject, { ports }: Service = { ports: [] }): object[] {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'istiod', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'istiod' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ADDRESS] }],
    ports: ports.map(({ name, port, targetPort = port }) => ({ name, port: targetPort, protocol: 'TCP' })),
  }
  return [{ ...object, spec: { clusterIP: SERVICE_IP, ports } }, slice]
}

/** The API server has the webhook's certificate, and a pod that asks for a proxy gets one. */
async function untilInjecting(cluster: BenchCluster, signal: AbortSignal): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'trial', namespace: 'default', labels: { 'sidecar.istio.io/inject': 'true' } },
    spec: { containers: [{ name: 'trial', image: 'none' }] },
  }
  const limit = performance.now() + LIMIT_MS
  for (;;) {
    signal.throwIfAborted()
    const answer = await cluster
      .kubectl(['create', '--dry-run=server', '--output=json', '--filename=-'], JSON.stringify(pod))
      .catch(String)
    if (answer.includes('"istio-proxy"')) return
    if (performance.now() > limit)
      throw new Error(`istiod injects nothing: see /tmp/sidetrack-bench-istiod.log; ${answer.slice(0, 300)}`)
    await sleep(500, undefined, { signal })
  }
}
