// Faults of sandboxes and of what stands around them: each in objects of its own, so that all are made at once.

import { NAMESPACE_LABEL } from '../../../core/fork-marks.ts'
import type { Kubectl } from '../../cluster/kubectl.ts'
import { INJECTED, service, template, workload } from '../stage/objects.ts'
import type { Fault } from './fault.ts'

/** Their namespaces: one that allows sandboxes, one that allows them within limits, one that soon does not. */
export interface Places {
  readonly shop: string
  readonly tight: string
  readonly plain: string
}

const HTTP = { name: 'http', port: 80, targetPort: 8080 }

function sandbox(namespace: string, name: string, of: string, fork: object = {}, spec: object = {}): object {
  return {
    apiVersion: 'sidetrack.dev/v1alpha1',
    kind: 'Sandbox',
    metadata: { name, namespace },
    spec: { forks: [{ of: { kind: 'Deployment', name: of }, ...fork }], ...spec },
  }
}

/** Fork only: no pod of it ever runs. */
function asleep(namespace: string, app: string, annotations: Readonly<Record<string, string>> = INJECTED): object {
  return workload('Deployment', namespace, { app, annotations }, { replicas: 0 })
}

/** A fork that costs the cluster nothing. */
function idle(container: string): object {
  return { images: [{ container, image: 'localhost/none:1' }] }
}

function patched(container: object): object {
  return { patch: { spec: { containers: [{ name: 'target', ...container }] } } }
}

export function sandboxFaults(kubectl: Kubectl, { shop, tight, plain }: Places): readonly Fault[] {
  const apply =
    (...objects: readonly object[]) =>
    () =>
      kubectl.apply(...objects)
  const explain = (name: string, namespace = shop) => ['explain', name, `--namespace=${namespace}`]
  const pod = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    ...template({ app: name, annotations: INJECTED }),
    metadata: { name, namespace: shop, annotations: INJECTED },
    ...spec,
  })
  return [
    {
      fault: 'an image that cannot be pulled',
      make: apply(sandbox(shop, 'bad-image', 'target', idle('target'))),
      ask: explain('bad-image'),
      told: /First broken link: its forks are not ready: ImageNotPulled\n→ push the image[^]*$/,
    },
    {
      fault: 'a crash loop',
      make: apply(
        sandbox(
          shop,
          'crash',
          'target',
          patched({ command: ['node', '-e', 'console.error("no database"); process.exit(3)'] }),
        ),
      ),
      ask: explain('crash'),
      told: /✗ its forks are not ready: Crashing\n[^]*exit code 3[^]*no database/,
    },
    {
      fault: 'no node with enough CPU',
      make: apply(sandbox(shop, 'large', 'target', patched({ resources: { requests: { cpu: '999' } } }))),
      ask: explain('large'),
      told: /✗ its forks are not ready: Unschedulable\n[^]*[Ii]nsufficient cpu/,
    },
    {
      fault: 'a container that the baseline does not have',
      make: apply(sandbox(shop, 'typo', 'target', { images: [{ container: 'tarjet', image: 'localhost/x:1' }] })),
      ask: explain('typo'),
      told: /✗ sandbox \S+\/typo cannot be made: Invalid\n[^]*tarjet/,
    },
    {
      fault: 'a baseline that was deleted',
      make: async () => {
        await kubectl.apply(asleep(shop, 'ghost'), sandbox(shop, 'orphan', 'ghost'))
        await kubectl.run(['delete', 'deployment', 'ghost', `--namespace=${shop}`])
      },
      ask: explain('orphan'),
      told: /✗ sandbox \S+\/orphan cannot be made: BaselineMissing\n[^]*ghost/,
    },
    {
      fault: 'two sandboxes with one key for one Service',
      make: async () => {
        const first = await kubectl.run(
          ['create', '--filename=-', '--output=name'],
          JSON.stringify(sandbox(shop, 'first', 'target', idle('target'), { routingKey: 'same' })),
        )
        await kubectl.run(['wait', `--namespace=${shop}`, first.trim(), '--for=jsonpath={.status.routingKey}=same'])
        await kubectl.apply(sandbox(shop, 'second', 'target', idle('target'), { routingKey: 'same' }))
      },
      ask: explain('second'),
      told: /✗ an older sandbox has its key\n[^]*first/,
    },
    {
      fault: 'a Service of type ExternalName',
      make: apply(
        asleep(shop, 'legacy'),
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'legacy', namespace: shop },
          spec: { type: 'ExternalName', externalName: 'legacy.example' },
        },
        sandbox(shop, 'external', 'legacy', idle('legacy')),
      ),
      ask: explain('external'),
      told: /✗ Service legacy is of type ExternalName/,
    },
    {
      fault: 'a Service without a selector',
      make: apply(
        asleep(shop, 'manual'),
        service(shop, 'manual', HTTP, { selector: null }),
        sandbox(shop, 'unselected', 'manual', idle('manual')),
      ),
      ask: explain('unselected'),
      told: /✗ Service manual has no selector/,
    },
    {
      fault: 'a Service that selects other pods',
      make: apply(
        asleep(shop, 'astray'),
        service(shop, 'astray', HTTP, { selector: { app: 'asrtay' } }),
        sandbox(shop, 'wrong-labels', 'astray', idle('astray')),
      ),
      ask: explain('wrong-labels'),
      told: /✗ Service astray does not select the pods of astray/,
    },
    {
      fault: 'a Service whose target port no container has',
      make: apply(
        service(shop, 'admin', { name: 'admin', port: 81, targetPort: 'admin' }, { selector: { app: 'target' } }),
      ),
      ask: explain('well'),
      told: /✗ the route of Service admin [^]*no pod of the fork has the port that the Service targets[^]*kubectl edit service admin/,
    },
    {
      fault: 'an app that speaks HTTPS only',
      make: apply(service(shop, 'secure', { name: 'https', port: 443 }, { selector: { app: 'target' } })),
      ask: explain('well'),
      told: /✗ Service secure has no port that may be plain HTTP[^]*port 443: https/,
    },
    {
      fault: 'the annotation on the Deployment, not on its pod template',
      make: apply({
        ...asleep(shop, 'misplaced', {}),
        metadata: { name: 'misplaced', namespace: shop, annotations: INJECTED },
      }),
      ask: explain('well'),
      told: /! Deployment \S+\/misplaced has sidetrack.dev\/inject on itself[^]*→ [^\n]*sidetrack enable deployment\/misplaced/,
    },
    {
      fault: 'a caller without a sidecar',
      make: apply(asleep(shop, 'caller', {})),
      ask: explain('well'),
      told: /! workloads of the namespace have no sidecar[^]*deployment\/caller\n/,
    },
    {
      fault: "a caller in its node's network",
      make: apply(pod('host', { spec: { ...template({ app: 'host' }).spec, hostNetwork: true } })),
      ask: explain('well'),
      told: /\/host: it uses its node's network \(hostNetwork\)/,
    },
    {
      fault: "an app that has the sidecar's port",
      make: apply(
        pod('taken', {
          spec: {
            ...template({ app: 'taken' }).spec,
            containers: [{ name: 'app', image: 'localhost/none:1', ports: [{ containerPort: 15_001 }] }],
          },
        }),
      ),
      ask: explain('well'),
      told: /\/taken: container app uses port 15001/,
    },
    {
      fault: 'a quota that is used up',
      make: apply(sandbox(tight, 'quota', 'target')),
      ask: explain('quota', tight),
      told: /✗ its forks are not ready: QuotaExceeded\n[^]*none-left/,
    },
    {
      fault: 'a LimitRange',
      make: apply(sandbox(tight, 'limit', 'target', patched({ resources: { limits: { cpu: '3' } } }))),
      ask: explain('limit', tight),
      told: /✗ its forks are not ready: \w+\n[^]*maximum cpu usage per Container is 1/,
    },
    {
      fault: 'a namespace whose label was taken away',
      make: async () => {
        await kubectl.apply(asleep(plain, 'target'), sandbox(plain, 'unlabelled', 'target'))
        await kubectl.run(['label', 'namespace', plain, `${NAMESPACE_LABEL}-`])
      },
      ask: explain('unlabelled', plain),
      told: /✗ namespace \S+ does not allow sandboxes\n {4}→ kubectl label namespace/,
    },
    {
      fault: 'a NetworkPolicy of another namespace that lets the baseline through alone',
      make: apply({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'only-target', namespace: plain },
        spec: {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'target' } } }] }],
        },
      }),
      ask: explain('well'),
      told: /! the fork may behave otherwise[^]*NetworkPolicy \S+\/only-target/,
    },
    {
      fault: 'a typing error in the name',
      ask: explain('wel'),
      told: /there is no sandbox wel in namespace \S+: did you mean \S+\/well\?/,
    },
    {
      fault: 'a key in place of a name',
      make: apply(sandbox(shop, 'named', 'target', idle('target'), { routingKey: 'another-key' })),
      ask: explain('another-key'),
      told: /another-key is the routing key of sandbox \S+\/named/,
    },
    {
      fault: 'a sandbox whose time is over',
      make: apply(sandbox(shop, 'short', 'target', idle('target'), { ttl: { duration: '1m', from: 'updated' } })),
      ask: explain('short'),
      told: /there is no sandbox short in namespace \S+: it was deleted, since it had expired/,
    },
  ]
}
