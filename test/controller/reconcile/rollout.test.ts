import t from 'tap'
import { DEPLOYMENTS } from '../../../kubernetes/resources/builtin.ts'
import { type Rollout, ROLLOUTS } from '../../../kubernetes/resources/rollout.ts'
import { ROUTES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
const FORKS = [{ of: { kind: 'Rollout' as const, name: 'cart' }, env: [{ container: 'cart', name: 'A', value: '1' }] }]
const GROUP = 'argoproj.io'
/** Argo's own has 5,000 lines of schema, of which Sidetrack sees none. */
const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `rollouts.${GROUP}`, annotations: { 'api-approved.kubernetes.io': 'unapproved' } },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { kind: 'Rollout', plural: 'rollouts', singular: 'rollout', listKind: 'RolloutList' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

t.test('a Rollout', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client, server } = cluster
  await server.kubectl.apply(CRD)
  await server.kubectl.run(['wait', '--for=condition=Established', `crd/${CRD.metadata.name}`, '--timeout=60s'])
  await cluster.namespace(NAMESPACE)
  await cluster.workload(NAMESPACE, 'cart')
  const { spec } = await client.get(DEPLOYMENTS, { namespace: NAMESPACE, name: 'cart' })
  const rollout = (change: Rollout['spec']) =>
    client.apply(ROLLOUTS, { metadata: { namespace: NAMESPACE, name: 'cart' }, spec: { ...change } }, { force: true })
  const imageOfFork = async () => {
    const fork = await client.find(DEPLOYMENTS, { namespace: NAMESPACE, name: 'cart--pr-1' })
    return fork?.spec?.template?.spec?.containers[0]?.image
  }
  if (spec === undefined) throw new Error('the API server keeps no Deployment')
  await rollout({ replicas: 2, selector: spec.selector, template: template('cart:rollout-1') })
  await lead(t, cluster)

  await t.test('is forked as a Deployment, with a route', async (t) => {
    await cluster.sandbox(NAMESPACE, 'pr-1', { forks: FORKS })
    const fork = await cluster.made(DEPLOYMENTS, NAMESPACE, 'cart--pr-1')
    t.match(fork.spec, { replicas: 1, template: { spec: { containers: [{ image: 'cart:rollout-1' }] } } })
    await cluster.run(NAMESPACE, 'cart--pr-1')
    await cluster.condition(NAMESPACE, 'pr-1', 'Ready', { status: 'True' })
    await cluster.made(ROUTES, NAMESPACE, 'cart.80.sandbox.pr-1')
  })

  await t.test('that gets a new version is forked anew', async () => {
    await rollout({ replicas: 2, selector: spec.selector, template: template('cart:rollout-2') })
    await until(async () => (await imageOfFork()) === 'cart:rollout-2')
  })

  await t.test('that refers to a Deployment is forked from its template, and follows it', async () => {
    await client.delete(ROLLOUTS, { namespace: NAMESPACE, name: 'cart' })
    await cluster.condition(NAMESPACE, 'pr-1', 'Ready', { status: 'False', reason: 'BaselineMissing' })
    await rollout({ workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' } })
    await until(async () => (await imageOfFork()) === 'cart:1')
    await cluster.workload(NAMESPACE, 'cart', { template: template('cart:2') })
    await until(async () => (await imageOfFork()) === 'cart:2')
  })
})

function template(image: string) {
  return {
    metadata: { labels: { app: 'cart' }, annotations: { 'sidetrack.dev/inject': 'true' } },
    spec: { containers: [{ name: 'cart', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
  }
}
