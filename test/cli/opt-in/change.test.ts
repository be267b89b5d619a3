import t from 'tap'
import { changeOf } from '../../../cli/opt-in/change.ts'
import { parseWorkloadName } from '../../../cli/opt-in/workload.ts'
import type { Workload } from '../../../cli/opt-in/workload.ts'
import { deployment } from '../../fixtures/shop-objects.ts'

const INJECT = 'sidetrack.dev/inject'
const INBOUND = 'sidetrack.dev/inbound'

function workload(
  podAnnotations: Readonly<Record<string, string>>,
  change: Partial<Workload['metadata']> = {},
): Workload {
  const { apiVersion, kind, metadata, spec } = deployment({ podAnnotations })
  return { apiVersion, kind, metadata: { ...metadata, ...change }, spec: spec as object }
}

t.test('enable adds what is missing, disable takes what is there', async (t) => {
  t.strictSame(changeOf(workload({ a: 'b' }), true, {}), { [INJECT]: 'true' })
  t.strictSame(changeOf(workload({ [INJECT]: 'false' }), true, {}), { [INJECT]: 'true' })
  t.strictSame(changeOf(workload({ [INJECT]: 'true' }), true, { inbound: true }), {
    [INJECT]: 'true',
    [INBOUND]: 'true',
  })
  t.strictSame(changeOf(workload({ [INJECT]: 'true', [INBOUND]: 'true' }), false, {}), {
    [INJECT]: null,
    [INBOUND]: null,
  })
  t.strictSame(changeOf(workload({ [INJECT]: 'true' }), false, {}), { [INJECT]: null })
})

t.test('what is so already is not changed, whoever keeps it', async (t) => {
  const helm = { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }
  t.equal(changeOf(workload({ [INJECT]: 'true' }, helm), true, {}), undefined)
  t.equal(changeOf(workload({}, helm), false, {}), undefined)
})

const KEPT: readonly [fact: string, change: Partial<Workload['metadata']>, says: RegExp][] = [
  [
    'Argo CD by its annotation',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/cart' } },
    /^Deployment shop\/cart belongs to Argo CD, application shop: in Git, put into spec.template.metadata.annotations:\n {2}sidetrack.dev\/inject: "true"\nor pipe/,
  ],
  [
    'Argo CD by its label',
    { labels: { 'argocd.argoproj.io/instance': 'shop' } },
    /belongs to Argo CD, application shop: in Git/,
  ],
  ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, /belongs to Flux, Kustomization apps: in Git/],
  [
    'a HelmRelease of Flux',
    { labels: { 'helm.toolkit.fluxcd.io/name': 'cart' } },
    /belongs to Flux, HelmRelease cart: in Git/,
  ],
  [
    'Helm',
    { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'cart' } },
    /belongs to Helm, release cart: set it in the values of the chart.*\n {2}sidetrack.dev\/inject: "true"\nand run helm upgrade/,
  ],
  [
    'another controller',
    { ownerReferences: [{ apiVersion: 'a/v1', kind: 'Shop', name: 'one', uid: 'u', controller: true }] },
    /belongs to Shop, one: in Git/,
  ],
  ['a sandbox', { labels: { 'sidetrack.dev/sandbox': 'pr-42' } }, /is a fork: it follows its baseline/],
]

for (const [fact, change, says] of KEPT) {
  t.test(`a workload kept by ${fact} is left alone, and it is said where to change it`, async (t) => {
    t.throws(() => changeOf(workload({}, change), true, {}), { code: 'ST4008', message: says })
  })
}

t.test('a Rollout that takes its pods from a Deployment is left alone', async (t) => {
  const rollout: Workload = { ...workload({}), kind: 'Rollout', spec: { workloadRef: { name: 'cart' } } }
  t.throws(() => changeOf(rollout, true, {}), { code: 'ST4008', message: /takes its pods from Deployment cart/ })
})

t.test('workloads are named as for kubectl', async (t) => {
  for (const [text, plural] of Object.entries({
    'deploy/a': 'deployments',
    'Deployment/a': 'deployments',
    'deployments.apps/a': 'deployments',
    'sts/a': 'statefulsets',
    'ds/a': 'daemonsets',
    'daemonset/a': 'daemonsets',
    'rollout/a': 'rollouts',
    'rollouts.argoproj.io/a': 'rollouts',
  }))
    t.match(parseWorkloadName(text), { name: 'a', resource: { plural } }, text)
  for (const text of ['a', 'deploy/', '/a', 'pod/a', 'deploy/a/b', ''])
    t.throws(() => parseWorkloadName(text), { code: 'ST4001' }, text)
})
