import fc from 'fast-check'
import { test } from 'tap'
import { POD_TEMPLATE } from '../../../controller/patch/merge-schema.ts'
import { PatchError, strategicMerge } from '../../../controller/patch/strategic-merge.ts'
import { Client } from '../../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../../kubernetes/credentials/kubeconfig.ts'
import { Exchange } from '../../../kubernetes/exchange.ts'
import { KubernetesError } from '../../../kubernetes/kubernetes-error.ts'
import { queryText, resourcePath } from '../../../kubernetes/resource.ts'
import { type Deployment, DEPLOYMENTS } from '../../../kubernetes/resources/builtin.ts'
import { startApiServer } from '../../cluster/api-server.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { type Item, podTemplatePatch } from './pod-template-patch.ts'

const PATCHES = 200
const AT = { namespace: 'default', name: 'cart' }
const DRY_RUN = queryText({ dryRun: 'All' })

/** The client itself has no use for it. */
const STRATEGIC = 'application/strategic-merge-patch+json' as 'application/merge-patch+json'

const TEMPLATE = {
  metadata: { labels: { app: 'cart', a: '1', b: '2' }, annotations: { a: '1' }, finalizers: ['x.dev/a', 'x.dev/b'] },
  spec: {
    initContainers: [{ name: 'a', image: 'i', env: [{ name: 'a', value: '1' }] }],
    containers: [
      {
        name: 'b',
        image: 'i',
        args: ['x'],
        env: ['a', 'b', 'c', 'd'].map((name) => ({ name, value: '1' })),
        ports: [{ containerPort: 80 }, { containerPort: 81, name: 'y' }],
        volumeMounts: [
          { name: 'a', mountPath: '/a' },
          { name: 'b', mountPath: '/b' },
        ],
        resources: { limits: { cpu: '1', memory: '1Gi' } },
      },
      { name: 'c', image: 'i' },
      { name: 'd', image: 'i', env: [{ name: 'd', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
    ],
    volumes: [
      { name: 'a', emptyDir: {} },
      { name: 'b', emptyDir: { medium: 'Memory' } },
      { name: 'c', configMap: { name: 'c' } },
    ],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    hostAliases: [
      { ip: '1.1.1.1', hostnames: ['a'] },
      { ip: '2.2.2.2', hostnames: ['b'] },
    ],
    imagePullSecrets: [{ name: 'a' }, { name: 'b' }],
    nodeSelector: { a: '1', b: '2' },
    topologySpreadConstraints: ['a', 'b'].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
    })),
    securityContext: { runAsUser: 1, fsGroup: 2 },
  },
}

/**
 * The API server takes an item that is new, or of a list that is replaced, as it is, without reading the directives in it: what it was to
 * delete is added, and null becomes zero. Here they mean the same as everywhere.
 */
function directsNewItem(patch: Item): boolean {
  const { containers = [], initContainers = [] } = (patch['spec'] ?? {}) as Readonly<Record<string, readonly Item[]>>
  const known = new Set([...TEMPLATE.spec.containers, ...TEMPLATE.spec.initContainers].map(({ name }) => name))
  const added = [...containers, ...initContainers].filter(({ name }) => !known.has(String(name)))
  return added.some(hasDirectives) || replacesWithDirectives(patch)
}

function hasDirectives(item: Item): boolean {
  return item['$patch'] !== 'replace' && /"\$patch"|null/.test(JSON.stringify(item))
}

function replacesWithDirectives(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const parts: readonly unknown[] = Object.values(value)
  const isReplaced = Array.isArray(value) && (value as readonly Item[]).some((item) => item['$patch'] === 'replace')
  return (isReplaced && (value as readonly Item[]).some(hasDirectives)) || parts.some(replacesWithDirectives)
}

test('a patch makes of a template what the API server makes of it', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const credentials = await kubeconfigCredentials({ file: server.kubectl.kubeconfig })
  const client = new Client(credentials, 'test')
  const exchange = new Exchange(credentials)
  t.teardown(() => {
    client.close()
    exchange.close()
  })
  const live = await client.create(DEPLOYMENTS, {
    metadata: AT,
    spec: { selector: { matchLabels: { app: 'cart' } }, template: TEMPLATE },
  })
  const path = resourcePath(DEPLOYMENTS, AT) + DRY_RUN

  /** The template as the server has it then; undefined if it refuses. */
  const send = async (method: 'PATCH' | 'PUT', body: object) => {
    const type = method === 'PATCH' ? STRATEGIC : undefined
    const message = { method, path, body, type } as const
    try {
      const { spec } = await exchange.send<Deployment>({ verb: 'update', resource: DEPLOYMENTS, at: AT }, message)
      return spec?.template
    } catch (error) {
      // 500 is its answer to an empty list for which an order is given.
      if (error instanceof KubernetesError && [400, 422, 500].includes(error.status ?? 0)) return undefined
      throw error
    }
  }
  const ours = async (patch: Readonly<Record<string, unknown>>) => {
    try {
      const template = strategicMerge({ ...live.spec?.template }, patch, POD_TEMPLATE)
      return await send('PUT', { ...live, spec: { ...live.spec, template } })
    } catch (error) {
      if (error instanceof PatchError) return undefined
      throw error
    }
  }

  let accepted = 0
  await fc.assert(
    fc.asyncProperty(podTemplatePatch, async (patch) => {
      fc.pre(!directsNewItem(patch))
      const theirs = await send('PATCH', { spec: { template: patch } })
      // A patch that it refuses as such (an order without its items) may be taken here; what it accepts is the same.
      if (theirs === undefined) return
      accepted++
      t.strictSame(await ours(patch), theirs, JSON.stringify(patch))
    }),
    { numRuns: PATCHES, endOnFailure: true },
  )
  t.ok(accepted > PATCHES / 4, `${accepted} of ${PATCHES} patches accepted`)
})
