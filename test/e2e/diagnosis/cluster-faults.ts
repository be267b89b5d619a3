// Faults of the installation and of the cluster, one after the other: each is undone before the next.

import { mintIdentity } from '../../../controller/certificates/mint.ts'
import type { KubernetesObject } from '../../../kubernetes/resources/meta.ts'
import { SYSTEM } from '../../cluster/installation.ts'
import type { Stage } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

const DAY_MS = 86_400_000

/** The authority of a webhook's certificate that was valid for a day, long ago. */
async function expiredAuthority(): Promise<string> {
  const { authority } = await mintIdentity(
    ['webhook.example'],
    { lifetimeMs: DAY_MS, skewMs: 0 },
    Date.now() - 9 * DAY_MS,
  )
  return authority
}

/** `explained` is what to type for a sandbox that is well. */
export function clusterFaults({ kubectl, nodes }: Stage, explained: readonly string[]): readonly Fault[] {
  const check = ['check', `--namespace=default`]
  const system = `--namespace=${SYSTEM}`
  const patch = (kind: string, name: string, change: object, ...where: readonly string[]) =>
    kubectl.run(['patch', kind, name, ...where, '--type=merge', `--patch=${JSON.stringify(change)}`])
  const scale = (replicas: number) =>
    kubectl.run(['scale', 'deployment/sidetrack-controller', system, `--replicas=${replicas}`])
  const agents = (nodeSelector: object) =>
    patch('daemonset', 'sidetrack-agent', { spec: { template: { spec: { nodeSelector } } } }, system)
  const rolledOut = (workload: string) => kubectl.run(['rollout', 'status', workload, system, '--timeout=120s'])
  /** Takes an object away, and puts the same one back. */
  const without = (kind: string, name: string, ...where: readonly string[]) => {
    let kept: KubernetesObject | undefined
    return {
      make: async () => {
        kept = await kubectl.get<KubernetesObject>([kind, name, ...where])
        await kubectl.run(['delete', kind, name, ...where, '--wait=true'])
      },
      undo: async () => {
        if (kept === undefined) return
        const { uid: _, resourceVersion: __, ...metadata } = kept.metadata
        await kubectl.run(['create', '--filename=-'], JSON.stringify({ ...kept, metadata, status: undefined }))
      },
    }
  }
  return [
    {
      fault: 'the controller scaled to 0',
      make: () => scale(0),
      ask: explained,
      told: /✗ the controller is scaled to 0[^]*First broken link: the controller is scaled to 0/,
    },
    {
      fault: 'nobody behind the webhook',
      ask: check,
      told: /✗ a trial pod that asks for a sidecar gets none: the API server does not reach the webhook/,
    },
    {
      fault: "the webhook's certificate has expired",
      make: async () => {
        const caBundle = Buffer.from(await expiredAuthority()).toString('base64')
        const operations = [0, 1].map((index) => ({
          op: 'replace',
          path: `/webhooks/${index}/clientConfig/caBundle`,
          value: caBundle,
        }))
        const json = `--patch=${JSON.stringify(operations)}`
        await kubectl.run(['patch', 'mutatingwebhookconfiguration', 'sidetrack', '--type=json', json])
      },
      ask: check,
      told: /✗ the webhook's certificate authority is not valid now, so new pods get no sidecar\n {4}→ kubectl/,
    },
    {
      fault: 'the webhook configuration deleted',
      ...without('mutatingwebhookconfiguration', 'sidetrack'),
      ask: check,
      told: /MutatingWebhookConfiguration sidetrack\n[^]*✗ there is no webhook, so new pods get no sidecar/,
    },
    {
      fault: 'rights of an agent taken away',
      ...without('clusterrolebinding', 'sidetrack-agent'),
      ask: check,
      told: /✗ objects of the installation are missing[^]*\n {4}ClusterRoleBinding sidetrack-agent\n/,
    },
    {
      fault: 'a kind that is missing',
      ...without('customresourcedefinition', 'routegroups.sidetrack.dev'),
      ask: check,
      told: /✗ objects of the installation are missing[^]*\n {4}CustomResourceDefinition routegroups.sidetrack.dev\n/,
    },
    {
      fault: 'a NetworkPolicy before the controller',
      make: () =>
        kubectl.apply({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'default-deny', namespace: SYSTEM },
          spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
        }),
      ask: check,
      told: /! NetworkPolicies stand before the controller[^]*default-deny \(Ingress and Egress\)/,
      undo: () => kubectl.run(['delete', 'networkpolicy', 'default-deny', system]),
    },
    {
      fault: 'two installations',
      make: () =>
        kubectl.apply({
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'MutatingWebhookConfiguration',
          metadata: { name: 'another' },
          webhooks: [
            {
              name: 'pods.sidetrack.dev',
              admissionReviewVersions: ['v1'],
              sideEffects: 'None',
              failurePolicy: 'Ignore',
              clientConfig: { url: 'https://127.0.0.1:1/inject' },
            },
          ],
        }),
      ask: check,
      told: /✗ there is a second installation: pods would get two sidecars\n {4}another\n/,
      undo: () => kubectl.run(['delete', 'mutatingwebhookconfiguration', 'another']),
    },
    {
      fault: 'an agent missing on one node',
      make: async () => {
        await scale(2)
        await agents({ 'kubernetes.io/hostname': nodes[0] })
      },
      ask: check,
      told: new RegExp(`✗ 1 of 2 nodes have no agent that is ready[^]*${nodes[1]}: it has no agent pod`),
    },
    {
      fault: 'the same, for who asks about a sandbox',
      ask: explained,
      told: new RegExp(`✗ 1 of 2 nodes have no agent that is ready[^]*${nodes[1]}: it has no agent pod`),
      undo: async () => {
        await agents({ 'kubernetes.io/hostname': null })
        await Promise.all([rolledOut('daemonset/sidetrack-agent'), rolledOut('deployment/sidetrack-controller')])
      },
    },
    {
      fault: 'nothing any more',
      ask: check,
      told: /✓ a trial pod that asks for a sidecar gets one\n✓ agents of one version run on 2 of 2 nodes\n✓ an agent runs on each of 2 nodes/,
    },
  ]
}
