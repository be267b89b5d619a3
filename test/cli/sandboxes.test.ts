// The commands about sandboxes against a real API server. The test is the controller: it writes pods and statuses.

import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Test, test } from 'tap'
import { parse } from 'yaml'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { DEPLOYMENTS, NAMESPACES, PODS } from '../../kubernetes/resources/builtin.ts'
import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { ROUTES, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import {
  type CliInput,
  type CliRun,
  type ProcessInput,
  sidetrackHere,
  sidetrackProcess,
  startSidetrack,
} from '../fixtures/cli-process.ts'
import { freePorts } from '../fixtures/free-port.ts'
import { until } from '../fixtures/until.ts'
import { DEFINITIONS, readDefinitions } from '../manifests/definitions.ts'

const FORK = ['--fork', 'deploy/cart', '--image', 'cart=registry/cart:pr-42']
const namespace = 'shop'

type Said = readonly [type: string, status: Condition['status'], reason: string, message?: string]

test('sandboxes from the command line', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const { kubeconfig } = server.kubectl
  const folder = t.testdir()
  const client = new Client(await kubeconfigCredentials({ file: kubeconfig }), 'test')
  t.teardown(() => client.close())

  /** Never a stack, never colours. */
  const run = async (t: Test, args: readonly string[], input?: CliInput, config = kubeconfig): Promise<CliRun> => {
    const done = await sidetrackHere(['--kubeconfig', config, '-n', namespace, ...args], input)
    t.notMatch(done.stdout + done.stderr, /\n +at |node:internal/)
    t.notOk((done.stdout + done.stderr).includes('\u001B'))
    return done
  }
  const runProcess = (args: readonly string[], input?: ProcessInput) =>
    sidetrackProcess(['--kubeconfig', kubeconfig, '-n', namespace, ...args], input)
  const fails = async (t: Test, args: readonly string[], says: RegExp, code = 1, input?: CliInput, config?: string) => {
    const done = await run(t, args, input, config)
    t.match(done, { code, stdout: '', stderr: says }, args.join(' '))
    return done
  }
  /** What the controller would write about the present generation. */
  const say = async (name: string, said: readonly Said[], generation?: number) => {
    const { metadata } = await client.get(SANDBOXES, { namespace, name })
    const about = generation ?? metadata.generation ?? 0
    const conditions = said.map(([type, status, reason, message = '']) => ({
      type,
      status,
      reason,
      message,
      observedGeneration: about,
      lastTransitionTime: new Date().toISOString(),
    }))
    const status = { observedGeneration: about, routingKey: name, conditions }
    await client.applyStatus(SANDBOXES, { metadata: { namespace, name }, status }, { force: true })
  }
  const exists = (name: string) => until(async () => (await client.find(SANDBOXES, { namespace, name })) !== undefined)
  const service = async (name: string) => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } }
    await server.kubectl.apply(account)
    const file = path.join(folder, `${name}.kubeconfig`)
    writeFileSync(file, await server.kubeconfigFor(namespace, name, 3600))
    return file
  }

  await client.create(NAMESPACES, { metadata: { name: namespace } })

  await t.test('without the CRDs it says that they are missing', async (t) => {
    await fails(t, ['list'], /has no such kind \(ST3011\)\n.*sidetrack install --apply/)
    await fails(t, ['create', 'pr-42', ...FORK], /\(ST3011\)/)
  })

  for (const definition of readDefinitions()) await client.create(DEFINITIONS, definition)
  const served = () => Promise.all([client.list(ROUTES), client.list(SANDBOXES)])
  await until(() =>
    served().then(
      () => true,
      () => false,
    ),
  )

  await t.test('create makes what the flags say, and prints it for machines', async (t) => {
    const more = ['--env', 'cart:FLAG=on', '--replicas', '2', '--ttl', '8h', '--unready', 'baseline']
    const { code, stdout, stderr } = await run(t, ['create', 'made', ...FORK, ...more, '-o', 'json'])
    t.same([code, stderr], [0, ''])
    const printed: Sandbox = JSON.parse(stdout)
    t.match(printed, { kind: 'Sandbox', metadata: { namespace, name: 'made' } })
    t.notOk('managedFields' in printed.metadata)
    const { spec } = await client.get(SANDBOXES, { namespace, name: 'made' })
    t.same(spec, printed.spec)
    t.match(spec, {
      ttl: { duration: '8h' },
      unready: 'baseline',
      forks: [
        {
          of: { kind: 'Deployment', name: 'cart' },
          images: [{ container: 'cart', image: 'registry/cart:pr-42' }],
          env: [{ container: 'cart', name: 'FLAG', value: 'on' }],
          replicas: 2,
        },
      ],
    })
  })

  await t.test('create reads standard input, and what get printed is what create takes', async (t) => {
    const { stdout } = await run(t, ['get', 'made', '-o', 'yaml'])
    const { metadata, ...rest } = parse(stdout) as Sandbox
    const stdin = JSON.stringify({ ...rest, metadata: { name: metadata.name, labels: { team: 'pay' } } })
    t.match(await run(t, ['create', 'again', '-f', '-'], { stdin }), { code: 0, stdout: /shop\/again created/ })
    const made = await client.get(SANDBOXES, { namespace, name: 'again' })
    t.same(made.spec, rest.spec)
    t.same(made.metadata.labels, { team: 'pay' })
  })

  await t.test('create refuses what cannot be, in words', async (t) => {
    await fails(t, ['create', 'made', ...FORK], /has a sandbox made already \(ST4002\)\n.*sidetrack apply/)
    await fails(t, ['create', 'x', '--fork', 'ds/cart'], /ST4001/, 64)
    await fails(t, ['create', 'x', ...FORK, '--wait', '--timeout', 'soon'], /--timeout soon/, 64)
    await fails(t, ['create', 'x', ...FORK, '--unready', 'maybe'], /Allowed choices are fail, baseline/, 64)
    await fails(t, ['create', 'x', '-f', '/not/there'], /\/not\/there.*\(ST2002\)/)
    await fails(t, ['create', 'x', '-f', '-'], /standard input is empty/, 64)
    await fails(t, ['create', 'x', '-f', '-'], /is no YAML/, 64, { stdin: 'a: [' })
    await fails(t, ['create', 'x', '-f', '-'], /holds no Sandbox/, 64, { stdin: 'kind: Pod' })
    const stdin = JSON.stringify({
      apiVersion: 'sidetrack.dev/v1alpha1',
      kind: 'Sandbox',
      metadata: { namespace: 'other', name: 'x' },
      spec: { forks: [{ of: { kind: 'Deployment', name: 'cart' }, image: 'typo' }] },
    })
    await fails(t, ['create', '-f', '-'], /is for namespace other, and --namespace says shop/, 64, { stdin })
    const here = stdin.replace('"other"', '"shop"')
    await fails(t, ['create', '-f', '-'], /unknown field "spec.forks\[0\].image" \(ST3007\)/, 1, { stdin: here })
    await fails(t, ['create', 'x', '--fork', 'deploy/Cart'], /must be the name of a workload/, 1)
  })

  await t.test('apply creates what is not there, and makes what is there what is typed', async (t) => {
    const written = async () => {
      const { metadata, spec } = await client.get(SANDBOXES, { namespace, name: 'pushed' })
      return { labels: metadata.labels, forks: spec.forks, ttl: spec.ttl }
    }
    const push = (...more: readonly string[]) => run(t, ['apply', 'pushed', '--fork', 'deploy/cart', ...more])
    t.match(await push('--image', 'cart=cart:1', '--ttl', '8h'), { code: 0, stdout: /^sandbox shop\/pushed created;/ })
    await client.patch(SANDBOXES, { namespace, name: 'pushed' }, { metadata: { labels: { team: 'pay' } } })
    t.match(await push('--image', 'cart=cart:1', '--ttl', '8h'), { stdout: /^sandbox shop\/pushed unchanged;/ })
    t.match(await push('--image', 'cart=cart:2'), { code: 0, stdout: /^sandbox shop\/pushed changed;/ })
    const of = { kind: 'Deployment', name: 'cart' }
    const forks = [{ of, images: [{ container: 'cart', image: 'cart:2' }], replicas: 1 }]
    t.match(await written(), { labels: { team: 'pay' }, forks, ttl: undefined }, 'the ttl that was not typed is gone')
    t.match((await push('--key', '-no')).code, 64)
    const stdin = JSON.stringify({
      apiVersion: 'sidetrack.dev/v1alpha1',
      kind: 'Sandbox',
      metadata: { name: 'pushed', labels: { stage: 'one' } },
      spec: { forks: [{ of, typo: 1 }] },
    })
    await fails(t, ['apply', '-f', '-'], /unknown field "spec.forks\[0\].typo" \(ST3007\)/, 1, { stdin })
    t.match(await run(t, ['apply', '-f', '-'], { stdin: stdin.replace(',"typo":1', '') }), { code: 0 })
    t.match(await written(), { labels: { team: 'pay', stage: 'one' }, forks: [{ of }] })
    await client.delete(SANDBOXES, { namespace, name: 'pushed' })
  })

  await t.test('many who apply at the same time all succeed', async (t) => {
    const runs = await Promise.all(
      ['1', '2', '3'].map((tag) => run(t, ['apply', 'raced', ...FORK.slice(0, 2), '--image', `cart=cart:${tag}`])),
    )
    for (const { code, stderr } of runs) t.equal(code, 0, stderr)
    await client.delete(SANDBOXES, { namespace, name: 'raced' })
  })

  await t.test('list shows a namespace or all, in a table or for machines', async (t) => {
    await client.create(NAMESPACES, { metadata: { name: 'other' } })
    await run(t, ['create', 'elsewhere', ...FORK, '-n', 'other'])
    await say('made', [['Ready', 'False', 'Crashing', 'cart: container cart ended with exit code 1\nboom']])
    const { stdout } = await run(t, ['list'])
    t.match(
      stdout,
      /^NAME +KEY +READY +REASON +FORKS +EXPIRES +AGE\nagain .*\nmade +made +False +Crashing +deploy\/cart +- +\d+s\n$/,
    )
    const all = await run(t, ['list', '-A', '-o', 'wide'])
    t.match(
      all.stdout,
      /^NAMESPACE +NAME .* MESSAGE\nother +elsewhere.*\nshop +again.*\nshop +made .*exit code 1 \/ boom\n$/,
    )
    const { items } = JSON.parse((await run(t, ['list', '-o', 'json'])).stdout) as { items: readonly Sandbox[] }
    t.same(
      items.map(({ metadata }) => metadata.name),
      ['again', 'made'],
    )
    t.match(parse((await run(t, ['list', '-l', 'team=pay', '-o', 'yaml'])).stdout), {
      kind: 'List',
      items: [{ kind: 'Sandbox', metadata: { name: 'again' } }],
    })
    t.match(await run(t, ['list', '-n', 'default']), {
      code: 0,
      stdout: '',
      stderr: /no sandboxes in namespace default/,
    })
  })

  await t.test('get says why it is not ready', async (t) => {
    const { stdout } = await run(t, ['get', 'made'])
    t.match(stdout, 'Ready     no, Crashing: cart: container cart ended with exit code 1\n            boom')
    await fails(t, ['get', 'nobody'], /no sandbox nobody in namespace shop; `sidetrack list -A`.*\(ST3005\)/)
  })

  await t.test('key prints the key, or the header', async (t) => {
    await run(t, ['create', 'keyed', ...FORK, '--key', 'other-key'])
    t.equal((await run(t, ['key', 'keyed'])).stdout, 'other-key\n')
    t.equal((await run(t, ['key', 'keyed', '--header'])).stdout, 'baggage: sidetrack=other-key\n')
  })

  await t.test('curl sends the key beside other baggage, and ends as curl ends', async (t) => {
    const seen: (string | undefined)[] = []
    const echo = createServer((request, response) => {
      seen.push(String(request.headers['baggage']))
      response.statusCode = request.url === '/bad' ? 500 : 200
      response.end('hello')
    }).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    t.teardown(() => echo.close())
    const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
    const well = await runProcess(['curl', 'keyed', '--', `${url}/`, '-s', '-H', 'baggage: user=1'])
    t.match(well, { code: 0, stdout: 'hello', stderr: /sandbox keyed is not ready/ })
    t.equal((await runProcess(['curl', 'keyed', '--', '-sf', `${url}/bad`])).code, 22)
    t.same(seen, ['user=1,sidetrack=other-key', 'sidetrack=other-key'])
    const without = await runProcess(['curl', 'keyed', '--', url], { environment: { PATH: '/none' } })
    t.match(without, { code: 1, stdout: '', stderr: /curl cannot be run.*\(ST4005\)\n {2}Install it[^\n]*\n$/ })
  })

  await t.test('create --wait ends when it is ready for this generation, and tells each phase once', async (t) => {
    await server.kubectl.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'default' } })
    let told = ''
    const running = runProcess(['create', 'waited', ...FORK, '--wait'], { heard: (stderr) => (told = stderr) })
    await exists('waited')
    // As if the controller had seen an earlier spec only.
    await say('waited', [['Ready', 'True', 'Ready']], 0)
    const labels = { 'sidetrack.dev/sandbox': 'waited', 'sidetrack.dev/fork-of': 'cart' }
    const at = { namespace, name: 'cart--waited-1' }
    const spec = { containers: [{ name: 'cart', image: 'registry/cart:pr-42' }] }
    await client.create(PODS, { metadata: { ...at, labels }, spec })
    await until(() => told.includes('created after'))
    t.notMatch(told, /scheduled/)
    const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' }
    await client.subresource('POST', PODS, at, 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: at, target })
    await until(() => told.includes('pod scheduled after'))
    const started = { name: 'cart', image: 'i', imageID: 'sha256:1', ready: false, restartCount: 0, started: false }
    await client.applyStatus(PODS, { metadata: at, status: { containerStatuses: [started] } })
    await until(() => told.includes('image pulled after'))
    await say('waited', [
      ['Ready', 'False', 'Waiting', 'In force on 1 of 2 nodes; waiting for node-2.'],
      ['ForksAvailable', 'True', 'Available'],
    ])
    await until(() => told.includes('fork ready after'))
    t.notMatch(told, /routes programmed/)
    await say('waited', [
      ['Ready', 'True', 'Ready'],
      ['ForksAvailable', 'True', 'Available'],
    ])
    const { code, stdout, stderr } = await running
    t.equal(code, 0)
    t.match(
      stdout,
      /^sandbox shop\/waited ready after [\d.]+ s\nreach it with {2}curl -H 'baggage: sidetrack=waited' …\n$/,
    )
    const phases = ['created', 'pod scheduled', 'image pulled', 'fork ready', 'routes programmed']
    t.match(stderr, new RegExp(`^${phases.map((phase) => `${phase} after [\\d.]+ s\\n`).join('')}$`))
  })

  await t.test('create --wait -o json prints the ready object alone', async (t) => {
    const running = run(t, ['create', 'printed', ...FORK, '--wait', '-o', 'json'])
    await exists('printed')
    await say('printed', [['Ready', 'True', 'Ready']])
    const { code, stdout } = await running
    t.equal(code, 0)
    t.match(JSON.parse(stdout), {
      metadata: { name: 'printed' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    })
  })

  await t.test('create --wait gives up at once where nothing can come', async (t) => {
    const running = runProcess(['create', 'invalid', ...FORK, '--wait'])
    await exists('invalid')
    await say('invalid', [['Ready', 'False', 'Invalid', 'spec.forks[0]: no container x']])
    const { code, stdout, stderr } = await running
    t.same([code, stdout], [1, ''])
    const said = 'sidetrack: sandbox shop/invalid cannot become ready: Invalid: spec.forks[0]: no container x (ST4003)'
    t.match(stderr, new RegExp(`^created after .*\\n${RegExp.escape(said)}\\n {2}Correct [^\\n]*\\n$`))
  })

  await t.test('create --wait gives up on an image that cannot be pulled twice, and not on one that can', async (t) => {
    const why = 'image registry/cart:pr-42 of container cart cannot be pulled: not found'
    const bad = fails(
      t,
      ['create', 'bad-image', ...FORK, '--wait'],
      /cannot become ready: ImageNotPulled: image registry.*not found \(ST4003\)/,
    )
    const late = run(t, ['create', 'late-image', ...FORK, '--wait'])
    await Promise.all([exists('bad-image'), exists('late-image')])
    await say('bad-image', [['Ready', 'False', 'ImageNotPulled', why]])
    await say('late-image', [['Ready', 'False', 'ImageNotPulled', why]])
    await say('late-image', [['Ready', 'False', 'Starting', 'its pod is being started']])
    await bad
    await say('late-image', [['Ready', 'True', 'Ready']])
    t.match(await late, { code: 0 })
  })

  await t.test('create --wait ends after --timeout with what it waits for', async (t) => {
    await fails(
      t,
      ['create', 'slow', ...FORK, '--wait', '--timeout', '1s'],
      /not ready after 1s: NotSeenYet: the controller has not .*\(ST4004\)/,
    )
  })

  await t.test('Ctrl-C ends the waiting, and says nothing more', async (t) => {
    const child = startSidetrack(['--kubeconfig', kubeconfig, '-n', namespace, 'create', 'left', ...FORK, '--wait'])
    await until(() => child.output.stderr.includes('created after'))
    child.process.kill('SIGINT')
    t.match(await child.ended, { code: 130, stdout: '', stderr: /^created after .*\n$/ })
  })

  await t.test('create --wait notices that somebody deleted it', async (t) => {
    const running = fails(t, ['create', 'deleted', ...FORK, '--wait'], /shop\/deleted was deleted meanwhile/)
    await exists('deleted')
    await say('deleted', [['Ready', 'False', 'Starting']])
    await client.delete(SANDBOXES, { namespace, name: 'deleted' })
    await running
  })

  await t.test('delete --wait ends when nothing of it is left', async (t) => {
    const spec = { table: 'cart', key: 'again', sandbox: 'again', addresses: ['10.0.0.1:80'] }
    await client.create(ROUTES, { metadata: { namespace, name: 'cart--again' }, spec })
    await fails(
      t,
      ['delete', 'again', '--wait', '--timeout', '1s'],
      /left after 1s: routes.sidetrack.dev cart--again \(ST4004\)/,
    )
    await client.delete(ROUTES, { namespace, name: 'cart--again' })
    t.match(await run(t, ['delete', 'made', '--wait']), { code: 0, stdout: 'sandbox shop/made deleted\n' })
    await fails(t, ['delete', 'made'], /no sandbox made in namespace shop/)
    t.match(await run(t, ['delete', 'made', '--ignore-not-found']), { code: 0, stdout: '', stderr: '' })
  })

  await t.test('without rights it names the right that is missing', async (t) => {
    const nobody = await service('nobody')
    await fails(t, ['list'], /cannot list resource "sandboxes".*\(ST3004\)\n.*auth can-i/, 1, {}, nobody)
    await fails(t, ['create', 'x', ...FORK, '--wait'], /cannot create resource "sandboxes".*\(ST3004\)/, 1, {}, nobody)
    await fails(t, ['delete', 'keyed'], /cannot delete resource "sandboxes".*\(ST3004\)/, 1, {}, nobody)
  })

  await t.test('who may see sandboxes and no pods waits all the same', async (t) => {
    const author = await service('author')
    const names = ['create', 'role', 'author', '--resource=sandboxes.sidetrack.dev', '--verb=*', '-n', namespace]
    await server.kubectl.run(names)
    await server.kubectl.run([
      'create',
      'rolebinding',
      'author',
      '--role=author',
      `--serviceaccount=${namespace}:author`,
      '-n',
      namespace,
    ])
    const running = run(t, ['create', 'podless', ...FORK, '--wait'], {}, author)
    await exists('podless')
    await say('podless', [
      ['Ready', 'True', 'Ready'],
      ['ForksAvailable', 'True', 'Available'],
    ])
    t.match(await running, { code: 0, stderr: /^created after .*\nfork ready after .*\nroutes programmed after .*\n$/ })
  })

  await t.test('a namespace that does not allow sandboxes, and an author who may not fork, are told so', async (t) => {
    await server.kubectl.run(['apply', '-f', path.join(import.meta.dirname, '../../manifests/policies.yaml')])
    const author = path.join(folder, 'author.kubeconfig')
    let attempt = 0
    // Policies come into force a moment after they are there.
    const refusal = async (config?: string) => {
      let done = await run(t, ['create', `refused-${attempt++}`, ...FORK], {}, config)
      await until(async () => {
        if (done.code === 0) done = await run(t, ['create', `refused-${attempt++}`, ...FORK], {}, config)
        return done.code !== 0
      })
      return done
    }
    const next = /kubectl label namespace NAMESPACE sidetrack.dev\/sandboxes=enabled/
    t.match(await refusal(), { code: 1, stderr: /^sidetrack: namespace shop does not allow sandboxes \(ST4006\)\n/ })
    t.match(await refusal(), { stderr: next })
    await client.patch(
      NAMESPACES,
      { name: namespace },
      { metadata: { labels: { 'sidetrack.dev/sandboxes': 'enabled' } } },
    )
    await until(async () => (await run(t, ['create', `allowed-${attempt++}`, ...FORK])).code === 0)
    const who = 'system:serviceaccount:shop:author'
    const says = `sidetrack: ${who} may not create this Sandbox, since it forks a workload and they may not create deployments.apps in namespace shop (ST3004)\n`
    t.match(await refusal(author), { code: 1, stderr: says })
  })

  await t.test('enable and disable change the pod template, all of the workloads named or none', async (t) => {
    const template = {
      metadata: { labels: { app: 'web' }, annotations: { kept: 'yes' } },
      spec: { containers: [{ name: 'web', image: 'web' }] },
    }
    const spec = { selector: { matchLabels: { app: 'web' } }, template }
    await client.create(DEPLOYMENTS, { metadata: { namespace, name: 'web' }, spec })
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'apps' }
    await client.create(DEPLOYMENTS, { metadata: { namespace, name: 'gitops', labels }, spec })
    const annotations = async () =>
      (await client.get(DEPLOYMENTS, { namespace, name: 'web' })).spec?.template.metadata?.annotations
    await fails(t, ['enable', 'deploy/web', 'deploy/gitops'], /belongs to Flux, Kustomization apps.*\(ST4008\)/s)
    t.same(await annotations(), { kept: 'yes' })
    t.match(await run(t, ['enable', 'deploy/web', '--inbound']), {
      code: 0,
      stdout: /^deploy\/web enabled; .*rollout status deploy\/web\n$/,
    })
    t.same(await annotations(), { kept: 'yes', 'sidetrack.dev/inject': 'true', 'sidetrack.dev/inbound': 'true' })
    t.match(await run(t, ['enable', 'deploy/web']), { code: 0, stdout: 'deploy/web is enabled already\n' })
    t.match(await run(t, ['disable', 'deploy/web']), { code: 0, stdout: /^deploy\/web disabled/ })
    t.same(await annotations(), { kept: 'yes' })
    await fails(t, ['enable', 'ds/none'], /daemonsets.apps "none" not found \(ST3005\)/)
  })

  await t.test('explain names the first broken link, and what may not be looked at', async (t) => {
    const all = await run(t, ['explain', 'keyed'])
    t.match(all, {
      code: 1,
      stderr: '',
      stdout:
        /✓ namespace shop allows sandboxes\n✗ there is no controller.*\n\nFirst broken link: there is no controller in the cluster\n→ sidetrack install --apply\n$/s,
    })
    const { code, stdout } = await run(t, ['explain', 'keyed', '-o', 'json'])
    t.equal(code, 1)
    const told = JSON.parse(stdout) as { readonly links: readonly object[] }
    t.match(told, { holds: false, broken: { state: 'broken', text: /no controller/, mend: /install --apply/ } })
    t.match(told.links[0], { state: 'holds', text: String, details: [] })
    const author = await run(t, ['explain', 'podless'], {}, path.join(folder, 'author.kubeconfig'))
    t.match(author, { code: 0, stdout: /\? the controller may not be looked at.*What can be seen of the chain holds/s })
    await fails(t, ['explain', 'nobody'], /no sandbox nobody in namespace shop/)
  })

  await t.test('inject opts in what comes from standard input', async (t) => {
    const stdin = 'kind: Pod\nmetadata:\n  name: a # comment\n'
    const text = 'kind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "true"\n  name: a # comment\n'
    t.same(await run(t, ['inject'], { stdin }), { code: 0, stdout: text, stderr: 'opted in: Pod a\n' })
  })

  await t.test('without a cluster, a context or a kubeconfig it says which is missing', async (t) => {
    const [port = 0] = await freePorts(1)
    const away = path.join(t.testdir({}), 'away')
    const cluster = { name: 'away', cluster: { server: `https://127.0.0.1:${port}` } }
    const context = { name: 'away', context: { cluster: 'away', user: 'away' } }
    const users = [{ name: 'away', user: {} }]
    const kind = { apiVersion: 'v1', kind: 'Config', 'current-context': 'away' }
    writeFileSync(away, JSON.stringify({ ...kind, clusters: [cluster], users, contexts: [context] }))
    await fails(t, ['list'], /nothing listens at https:\/\/127.0.0.1:\d+ \(ST3001\)/, 1, {}, away)
    await fails(t, ['list', '--context', 'prod'], /no context "prod".*it has test \(ST3012\)/)
    await fails(t, ['list'], /no kubeconfig: \/not\/there cannot be found \(ST3012\)/, 1, {}, '/not/there')
    const lost = await sidetrackProcess(['list'], { environment: { HOME: '/not/there', KUBERNETES_SERVICE_HOST: '' } })
    t.match(lost, { code: 1, stdout: '', stderr: /^sidetrack: there is no kubeconfig.*\(ST3012\)/ })
  })
})
