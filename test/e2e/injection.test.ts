import t from 'tap'
import { INJECT, INJECTED, SIDECAR_NAME } from '../../core/annotations.ts'
import { SIDECAR_UID } from '../../core/interception.ts'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import { IMAGES } from '../cluster/images.ts'
import { SYSTEM } from '../cluster/installation.ts'
import { until } from '../fixtures/until.ts'
import { noStage, useStage } from './stage/stage.ts'

const NAMESPACE = `injection-${process.pid}`
const SERVE = "require('node:http').createServer((_, answer) => answer.end('baseline')).listen(8080)"
const CALL = (host: string) => `fetch('http://${host}').then((answer) => answer.text()).then(console.log)`

/** A pod's template that a namespace takes which enforces Pod Security `restricted`. */
const template = (app: string, script: string, more: object = {}) => ({
  metadata: { labels: { app }, annotations: { [INJECT]: 'true' } },
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'app',
        image: IMAGES.shop.tag,
        command: ['node', '-e', script],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
    ...more,
  },
})
const unlessRefused = (error: unknown): undefined => {
  if (!String(error).includes('ECONNREFUSED')) throw error
}
const object = (apiVersion: string, kind: string, name: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { namespace: NAMESPACE, name },
  spec,
})

t.test('on a cluster', { skip: noStage }, async (t) => {
  const { kubectl } = await useStage(t)
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } })
  t.teardown(() => kubectl.run(['delete', 'namespace', NAMESPACE, '--wait=false']))
  const inside = (...args: readonly string[]) => kubectl.run(['-n', NAMESPACE, ...args])
  const podsOf = async (selector: string, namespace = NAMESPACE) =>
    (await kubectl.get<{ items: readonly Pod[] }>(['-n', namespace, 'pods', `--selector=${selector}`])).items

  await t.test('two controllers are ready, each on a node of its own', async (t) => {
    const pods = await podsOf('app.kubernetes.io/component=controller', SYSTEM)
    const ready = pods.filter(({ status }) => status?.containerStatuses?.every((each) => each.ready) === true)
    t.equal(ready.length, 2)
    t.equal(new Set(ready.map(({ spec }) => spec?.nodeName)).size, 2)
  })

  await t.test('a Deployment gets sidecars where Pod Security restricted is enforced, and runs', async (t) => {
    await kubectl.apply(
      object('apps/v1', 'Deployment', 'shop', {
        replicas: 2,
        selector: { matchLabels: { app: 'shop' } },
        template: template('shop', SERVE),
      }),
      object('v1', 'Service', 'shop', { selector: { app: 'shop' }, ports: [{ port: 80, targetPort: 8080 }] }),
    )
    await inside('rollout', 'status', 'deployment/shop', '--timeout=60s')
    for (const { metadata, spec, status } of await podsOf('app=shop')) {
      t.ok(metadata.annotations?.[INJECTED])
      t.equal(spec?.initContainers?.[0]?.name, SIDECAR_NAME)
      t.match(status?.initContainerStatuses, [{ name: SIDECAR_NAME, started: true, restartCount: 0 }])
    }
  })

  await t.test('a call of an injected pod that nobody routes arrives where it was sent', async (t) => {
    for (const { metadata } of await podsOf('app=shop')) {
      let answer: string | undefined
      // A pod is ready before kube-proxy has written its Service's endpoints on every node: until then calls are refused, with a sidecar or without.
      await until(async () => {
        answer = await inside('exec', metadata.name, '-c', 'app', '--', 'node', '-e', CALL('shop')).catch(unlessRefused)
        return answer !== undefined
      })
      t.equal(answer, 'baseline\n')
    }
  })

  await t.test('a Job with a sidecar completes', async (t) => {
    const job = template('job', CALL('shop'), { restartPolicy: 'Never' })
    await kubectl.apply(object('batch/v1', 'Job', 'job', { template: job, backoffLimit: 0 }))
    await inside('wait', '--for=condition=Complete', 'job/job', '--timeout=60s')
    t.equal(await inside('logs', 'job/job', '-c', 'app'), 'baseline\n')
    const [pod] = await podsOf('batch.kubernetes.io/job-name=job')
    t.match(pod?.status, { phase: 'Succeeded', initContainerStatuses: [{ name: SIDECAR_NAME }] })
    t.equal(pod?.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 0, 'the sidecar ended in good order')
  })

  const refused: readonly [string, object, RegExp][] = [
    ['the network of its node', { hostNetwork: true }, /uses its node's network/],
    ['the user of sidecars', { securityContext: { runAsUser: SIDECAR_UID } }, /runs as uid 1337/],
    [
      'the port of sidecars',
      { containers: [{ name: 'app', image: 'app', ports: [{ containerPort: 15_001 }] }] },
      /uses port 15001/,
    ],
  ]
  for (const [what, more, reason] of refused)
    await t.test(`a pod with ${what} gets no sidecar, and whoever makes it a warning`, async (t) => {
      const { metadata, spec } = template('x', SERVE, more)
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'x', namespace: 'default' }, spec }
      const create = ['create', '--dry-run=server', '--output=json', '--filename=-']
      await t.rejects(kubectl.run([...create, '--warnings-as-errors'], JSON.stringify(pod)), reason)
      const made: Pod = JSON.parse(await kubectl.run(create, JSON.stringify(pod)))
      t.equal(made.spec?.initContainers, undefined)
    })
})
