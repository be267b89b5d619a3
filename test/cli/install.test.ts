// Installing, renewing and removing against a real API server without nodes. The test is the kubelets, the controller and the agents: it writes
// statuses.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { DEPLOYMENTS, MUTATING_WEBHOOK_CONFIGURATIONS, NAMESPACES, PODS } from '../../kubernetes/resources/builtin.ts'
import { DAEMON_SETS } from '../../kubernetes/resources/daemon-set.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { type CliInput, sidetrackHere } from '../fixtures/cli-process.ts'
import { until } from '../fixtures/until.ts'

const SYSTEM = 'sidetrack-system'
const CONTROLLER = { namespace: SYSTEM, name: 'sidetrack-controller' }
const AGENT = { namespace: SYSTEM, name: 'sidetrack-agent' }
const MANIFESTS = path.join(import.meta.dirname, '../../manifests')

test('the installation', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const { kubeconfig } = server.kubectl
  const client = new Client(await kubeconfigCredentials({ file: kubeconfig }), 'test')
  t.teardown(() => client.close())
  const run = (args: readonly string[], input?: CliInput) => sidetrackHere(['--kubeconfig', kubeconfig, ...args], input)

  const controllerIs = async (available: number) => {
    const { metadata } = await client.get(DEPLOYMENTS, CONTROLLER)
    const status = {
      observedGeneration: metadata.generation,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: available,
      readyReplicas: available,
    }
    await client.applyStatus(DEPLOYMENTS, { metadata: CONTROLLER, status }, { force: true })
  }
  const agentsAre = async (available: number, generation?: number) => {
    const { metadata } = await client.get(DAEMON_SETS, AGENT)
    const status = {
      observedGeneration: generation ?? metadata.generation ?? 0,
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      updatedNumberScheduled: 3,
      numberAvailable: available,
      numberReady: available,
      numberMisscheduled: 0,
    }
    await client.applyStatus(DAEMON_SETS, { metadata: AGENT, status }, { force: true })
  }

  await t.test('what is printed is what kustomize makes of the manifests', async (t) => {
    const { code, stdout } = await run(['install'])
    t.equal(code, 0)
    const printed = objects(stdout)
    t.ok(printed.size > 15)
    t.same(printed, objects(await server.kubectl.run(['kustomize', MANIFESTS])))
  })

  await t.test('values come from a file or standard input, and what is wrong is named', async (t) => {
    const stdin = readFileSync(path.join(MANIFESTS, 'kustomization.yaml'), 'utf8')
    t.match(await run(['install', '--values', '-'], { stdin }), {
      code: 64,
      stdout: '',
      stderr: /apiVersion is not known/,
    })
    t.match(await run(['install', '--values', '-'], { stdin: 'tag: "7"' }), { code: 0, stdout: /sidetrack\/agent:7/ })
    t.match(await run(['install', '--values', '/not/there']), { code: 1, stderr: /ST2002/ })
  })

  await t.test('without an installation there is nothing to upgrade, and nothing left', async (t) => {
    t.match(await run(['upgrade']), { code: 1, stdout: '', stderr: /no Sidetrack in https.* to upgrade \(ST4007\)/ })
    t.same(await run(['uninstall', '--check']), { code: 0, stdout: 'nothing is left of sidetrack\n', stderr: '' })
  })

  await t.test('check --pre says whether it can be installed, with the rights of who asks', async (t) => {
    const { code, stdout } = await run(['check', '--pre'])
    t.match(stdout, /^✓ the API server is Kubernetes 1\.\d+[^\n]*\n✓ you have the rights that are needed\n/)
    t.equal(code, 0)
    t.notMatch(stdout, /controller|agents/)
    const account = { namespace: 'default', name: 'nobody' }
    await server.kubectl.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account })
    const file = path.join(t.testdir(), 'nobody')
    writeFileSync(file, await server.kubeconfigFor(account.namespace, account.name, 600))
    const few = await sidetrackHere(['--kubeconfig', file, 'check', '--pre'])
    t.match(few, {
      code: 1,
      stdout: /✗ rights are missing\n(.*\n)* {4}create customresourcedefinitions.apiextensions.k8s.io\n/,
    })
    t.match(few.stdout, /\? nodes may not be looked at with your rights/)
  })

  await t.test('check names every part that is not there', async (t) => {
    const { code, stdout } = await run(['check'])
    t.equal(code, 1)
    for (const part of [/✗ .*controller/, /✗ .*webhook/, /✗ there are no agents/]) t.match(stdout, part)
    const machine = await run(['check', '-o', 'yaml'])
    t.equal(machine.code, 1)
    t.match(machine.stdout, /^holds: false\nbroken:\n {2}state: broken\n/)
  })

  await t.test('beside another installation none is made', async (t) => {
    const metadata = { name: 'sidetrack-old' }
    const service = { namespace: 'old', name: 'webhook' }
    const clientConfig = { service }
    const one = { name: 'pods.sidetrack.dev', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig }
    await client.create(MUTATING_WEBHOOK_CONFIGURATIONS, { metadata, webhooks: [one] })
    t.match(await run(['install', '--apply']), {
      code: 1,
      stderr: /another installation .*: remove the one of MutatingWebhookConfiguration sidetrack-old \(ST4010\)/,
    })
    t.match(await run(['check']), { stdout: /✗ there is a second installation/ })
    await client.delete(MUTATING_WEBHOOK_CONFIGURATIONS, metadata)
  })

  await t.test('install --apply says what it waits for when it takes too long', async (t) => {
    const { code, stdout, stderr } = await run(['install', '--apply', '--timeout', '3s'])
    t.same([code, stdout], [1, ''])
    t.match(stderr, /^definitions applied after .*\nprograms applied after [^\n]*\n/s)
    t.match(stderr, /controller ready: not done after 3s: 0 of 2 ready \(ST4004\)\n/)
  })

  await t.test('install --apply ends when controller, webhook and agents are ready', async (t) => {
    let told = ''
    const running = run(['install', '--apply'], { heard: (stderr) => (told = stderr) })
    await until(() => told.includes('programs applied'))
    await controllerIs(1)
    await controllerIs(2)
    await until(() => told.includes('controller ready'))
    t.notMatch(told, /webhook ready/)
    await trust(client)
    await until(() => told.includes('webhook ready'))
    t.notMatch(told, /agents ready/)
    await agentsAre(3)
    t.match(await running, { code: 0, stdout: /^sidetrack 0\.\d+\.\d+ is installed in https/ })
  })

  await t.test('check looks at what is installed', async (t) => {
    const { code, stdout } = await run(['check'])
    t.equal(code, 1)
    for (const line of [
      '✓ there is no second installation',
      '✓ the clocks agree',
      '✓ every object of the installation is there',
      '✓ the controller runs (2 of 2)',
      "✗ the webhook's certificate authority is not valid now, so new pods get no sidecar",
      '✗ the webhook has no certificate, so that the API server cannot ask it',
      '✓ agents of one version run on 3 of 3 nodes',
      '✓ 0 nodes report 0 sidecars',
    ])
      t.ok(stdout.split('\n').includes(line), line)
  })

  await t.test('upgrade changes the images, and leaves what the controller wrote', async (t) => {
    let told = ''
    const running = run(['upgrade', '--tag', '9.9.9'], { heard: (stderr) => (told = stderr) })
    await until(() => told.includes('programs applied'))
    await controllerIs(2)
    await agentsAre(3)
    t.match(await running, { code: 0, stderr: /^from sidetrack\/agent:0\.1\.0 to version 9\.9\.9\n/ })
    t.match(await imageOf(client), 'sidetrack/agent:9.9.9')
    const { webhooks } = await client.get(MUTATING_WEBHOOK_CONFIGURATIONS, { name: 'sidetrack' })
    t.strictSame(
      webhooks?.map(({ clientConfig }) => clientConfig.caBundle),
      [CA, CA],
    )
  })

  for (const [keeper, marks, how] of KEEPERS) {
    await t.test(`what ${keeper} keeps is changed there`, async (t) => {
      await client.patch(DEPLOYMENTS, CONTROLLER, { metadata: { annotations: marks } })
      const kept = new RegExp(`kept by ${keeper} .*: ${how} \\(ST4010\\)`)
      for (const command of [['install', '--apply'], ['upgrade']])
        t.match(await run(command), { code: 1, stderr: kept })
      if (keeper !== 'Helm')
        t.match(await run(['uninstall']), { code: 1, stderr: /kept by .* which would bring it back/ })
      const unmarked = Object.fromEntries(Object.keys(marks).map((name) => [name, null]))
      await client.patch(DEPLOYMENTS, CONTROLLER, { metadata: { annotations: unmarked } })
    })
  }

  await t.test('install after an uninstall that was given up takes back what that one began', async (t) => {
    const given = await run(['uninstall', '--timeout', '1s'])
    t.match(given, { code: 1, stderr: /redirects removed: not done after 1s: .*\(ST4004\)/ })
    t.match(await leaving(client), true)
    let told = ''
    const running = run(['install', '--apply', '--tag', '9.9.9'], { heard: (stderr) => (told = stderr) })
    await until(() => told.includes('programs applied'))
    t.notOk(await leaving(client))
    await trust(client)
    await controllerIs(2)
    await agentsAre(3)
    t.match(await running, { code: 0 })
    const { spec } = await client.get(DAEMON_SETS, AGENT)
    t.match(spec?.updateStrategy, { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } })
  })

  await t.test('uninstall takes redirects away before it deletes anything of the agents', async (t) => {
    await sandboxAndPod(client, server.kubectl)
    let told = ''
    const running = run(['uninstall'], { heard: (stderr) => (told = stderr) })
    await until(() => told.includes('sandboxes gone'))
    t.equal((await client.list(SANDBOXES)).items.length, 0)
    await until(() => leaving(client))
    // As they were before they were asked.
    await agentsAre(3, 1)
    t.match(await imageOf(client), 'sidetrack/agent:9.9.9')
    t.notMatch(told, /redirects removed/)
    await agentsAre(2)
    await agentsAre(3)
    await until(() => told.includes('installation deleted'))
    const left = await run(['uninstall', '--check'])
    t.match(left, { code: 1, stdout: /Namespace sidetrack-system\n(.*\n)*.*the sidecar in pod shop\/web\n$/ })
    // No controller of namespaces runs here.
    await finalize(client)
    const { code, stdout } = await running
    t.equal(code, 0)
    t.match(stdout, /^sidetrack is removed from .*\npods that keep an idle sidecar .*:\n {2}shop\/web\n$/)
    t.match(await run(['uninstall', '--check']), {
      code: 1,
      stdout: /^left of sidetrack:\n {2}the sidecar in pod shop\/web\n$/,
    })
    await client.delete(PODS, { namespace: 'shop', name: 'web' }, { gracePeriodSeconds: 0 })
    t.match(await run(['uninstall', '--check']), { code: 0 })
  })

  await t.test('uninstall of a half-removed installation goes on', async (t) => {
    t.match(await run(['uninstall']), { code: 0, stdout: /^sidetrack is removed/, stderr: /^no pod/ })
  })
})

const KEEPERS: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['Helm', { 'meta.helm.sh/release-name': 'sidetrack' }, 'use helm upgrade'],
  [
    'Argo CD',
    { 'argocd.argoproj.io/tracking-id': 'sidetrack:apps/Deployment:sidetrack-system/sidetrack-controller' },
    'change it in Git',
  ],
]

/** By name, so that the order does not matter. */
function objects(stream: string): ReadonlyMap<string, unknown> {
  const all = [parseAllDocuments(stream)]
    .flat()
    .map((document) => document.toJS() as { kind: string; metadata: { name: string } })
  return new Map(
    all.map((each) => [`${each.kind} ${each.metadata.name}`, each] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

const CA = Buffer.from('authority').toString('base64')

/** What the controller does when it runs. */
async function trust(client: Client): Promise<void> {
  const { webhooks = [] } = await client.get(MUTATING_WEBHOOK_CONFIGURATIONS, { name: 'sidetrack' })
  const trusted = webhooks.map((each) => Object.assign(each, { clientConfig: { ...each.clientConfig, caBundle: CA } }))
  await client.patch(MUTATING_WEBHOOK_CONFIGURATIONS, { name: 'sidetrack' }, { webhooks: trusted })
}

/** The agents are asked to take every redirect away. */
async function leaving(client: Client): Promise<boolean> {
  const { spec } = await client.get(DAEMON_SETS, AGENT)
  const env = spec?.template.spec?.containers[0]?.env ?? []
  return env.some(({ name, value }) => name === 'SIDETRACK_REMOVE' && value === 'true')
}

async function imageOf(client: Client): Promise<string | undefined> {
  const { spec } = await client.get(DAEMON_SETS, AGENT)
  return spec?.template.spec?.containers[0]?.image
}

async function sandboxAndPod(client: Client, kubectl: { apply(...objects: readonly object[]): Promise<void> }) {
  const namespace = 'shop'
  await client.create(NAMESPACES, { metadata: { name: namespace, labels: { 'sidetrack.dev/sandboxes': 'enabled' } } })
  await kubectl.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'default' } })
  const of = { kind: 'Deployment', name: 'cart' } as const
  await until(() =>
    client.create(SANDBOXES, { metadata: { namespace, name: 'pr-42' }, spec: { forks: [{ of }] } }).then(
      () => true,
      () => false,
    ),
  )
  const annotations = { 'sidetrack.dev/injected': '0.1.0' }
  const spec = { containers: [{ name: 'web', image: 'web' }] }
  await client.create(PODS, { metadata: { namespace, name: 'web', annotations }, spec })
}

async function finalize(client: Client): Promise<void> {
  await until(async () => (await client.find(NAMESPACES, { name: SYSTEM }))?.metadata.deletionTimestamp !== undefined)
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM }, spec: { finalizers: [] } }
  await client.subresource('PUT', NAMESPACES, { name: SYSTEM }, 'finalize', namespace)
}
