// Installing, renewing and removing by the commands of `sidetrack` and by Helm, while requests are sent: none is lost, and nothing is left.

import { join } from 'node:path'
import { test } from 'tap'
import { readNftTable } from '../../agent/node/nft-table.ts'
import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import { buildHelm } from '../cluster/helm.ts'
import { run } from '../cluster/command.ts'
import { IMAGES } from '../cluster/images.ts'
import { installOn, SYSTEM } from '../cluster/installation.ts'
import { noGo } from '../cluster/requirements.ts'
import { sidetrackProcess } from '../fixtures/cli-process.ts'
import { operatorDefinitions } from '../manifests/monitoring/operator-definitions.ts'
import { eventually } from './stage/api.ts'
import type { Errand } from './ledger/judge.ts'
import { assertClean, describe, errand, Ledger } from './ledger/ledger.ts'
import { containerOf, podsOf } from './stage/container.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'

const RATE = 200
const CALM = 400
const NEXT = 'next'
const CHARTS = join(import.meta.dirname, '../../manifests/charts')
const UNKEYED = errand('pricing', undefined, { pricing: ['baseline'] }, 4)

test('an installation', { skip: noStage || noGo() }, async (t) => {
  const stage = await useStage(t)
  const { cluster, kubectl, nodes } = stage
  const namespace = await useNamespace(t, kubectl, 'installation', { [NAMESPACE_LABEL]: 'enabled' })
  await Shop.open(stage, namespace)
  const name = 'ledger'
  const annotations = { 'sidetrack.dev/inject': 'true' }
  const start = () => Ledger.start(t, stage, { namespace, name, node: nodes[0], annotations })
  let ledger = await start()

  const sidetrack = (...args: readonly string[]) =>
    sidetrackProcess(args, { environment: { KUBECONFIG: kubectl.kubeconfig } })
  const create = () =>
    sidetrack('-n', namespace, 'create', 'pr-1', '--fork', 'deploy/pricing', '--env', 'pricing:A=1', '--wait')
  const send = (...keyed: readonly Errand[]) => ledger.plan({ rate: RATE, errands: [UNKEYED, ...keyed] })
  /** The pages of what was sent while something was done, and a little longer. */
  const during = async (work: () => Promise<void>) => {
    const { entries } = await ledger.page()
    await ledger.more(CALM)
    await work()
    await ledger.more(CALM)
    return ledger.page(entries)
  }
  const imagesOf = async () => {
    const workloads = ['daemonset/sidetrack-agent', 'deployment/sidetrack-controller']
    const path = '{.items[*].spec.template.spec.containers[*].image}'
    return (await kubectl.run(['get', ...workloads, `--namespace=${SYSTEM}`, `--output=jsonpath=${path}`])).split(' ')
  }
  /** How many addresses the kernel redirects in the ledger's pod. Its empty table stays while connections are open that came by it. */
  const redirected = async () => {
    const { machine, pid } = await containerOf(cluster, namespace, name, 'ledger')
    const rules = await machine.run(['nsenter', `--target=${pid}`, '--net', 'nft', '--json', 'list', 'ruleset'])
    return readNftTable(rules).redirects.size
  }
  const nodeAddress = async () => {
    const path = '{.status.addresses[?(@.type=="InternalIP")].address}'
    const addresses = await kubectl.run(['get', 'node', nodes[0], `--output=jsonpath=${path}`])
    return addresses.split(' ').find((address) => !address.includes(':')) ?? ''
  }
  const helm = await buildHelm()
  const folder = t.testdir()
  const environment = {
    ...process.env,
    KUBECONFIG: kubectl.kubeconfig,
    HELM_CACHE_HOME: folder,
    HELM_CONFIG_HOME: folder,
    HELM_DATA_HOME: folder,
  }
  const byHelm = (...args: readonly string[]) => run(helm, [...args, '--timeout=180s'], { env: environment })

  await t.test('`upgrade` to other images loses nothing, and misroutes nothing', async (t) => {
    for (const { tag } of [IMAGES.agent, IMAGES.sidecar]) {
      const next = tag.replace(/:.*/, `:${NEXT}`)
      for (const machine of cluster.machines)
        await machine.run(['ctr', '--namespace=k8s.io', 'images', 'tag', '--force', tag, next])
    }
    const made = await create()
    t.equal(made.code, 0, made.stderr)
    await send(errand('pricing', 'pr-1', { pricing: ['pr-1'] }))
    const page = await during(async () => {
      const { code, stdout, stderr } = await sidetrack('upgrade', '--registry', 'localhost', '--tag', NEXT)
      t.equal(code, 0, stderr)
      t.match(stdout, /is installed in/)
    })
    t.comment(describe(page))
    assertClean(t, page)
    t.same(new Set(await imagesOf()), new Set([`localhost/sidetrack/agent:${NEXT}`]))
  })

  await t.test('`uninstall` under load loses nothing, and leaves no redirect in any network', async (t) => {
    t.not(await redirected(), 0)
    await send(errand('pricing', 'pr-1', { pricing: ['pr-1', 'baseline', 'ST1101'] }))
    const page = await during(async () => {
      const { code, stdout, stderr } = await sidetrack('uninstall')
      t.equal(code, 0, stderr)
      t.match(stdout, new RegExp(`idle sidecar until they are restarted [^]*${namespace}/${name}\n`))
    })
    t.comment(describe(page))
    assertClean(t, page)
    t.equal(await redirected(), 0)
    t.match(await sidetrack('uninstall', '--check'), {
      code: 1,
      stdout: new RegExp(`sidecar in pod ${namespace}/${name}`),
    })
  })

  await t.test('when its pods are made anew, `uninstall --check` finds nothing', async (t) => {
    await ledger.close()
    const here = `--namespace=${namespace}`
    await kubectl.run(['delete', 'pod', name, here, '--grace-period=1'])
    await kubectl.run(['delete', 'pods', here, '--all', '--grace-period=1'])
    await kubectl.run(['wait', here, '--for=condition=Available', 'deployments', '--all', '--timeout=120s'])
    await eventually(async () => {
      const { stdout } = await sidetrack('uninstall', '--check')
      return stdout === 'nothing is left of sidetrack\n'
    })
    ledger = await start()
    t.equal((await podsOf(cluster, namespace, 'app=ledger')).length, 1)
  })

  await t.test('Helm installs it, and takes it away without a lost request', async (t) => {
    const chart = join(CHARTS, 'sidetrack')
    for (const file of await operatorDefinitions()) await kubectl.run(['apply', '--server-side', '--filename', file])
    const values = ['--set', `registry=localhost,tag=${NEXT},monitoring=true`, '--namespace', SYSTEM, '--wait']
    await byHelm('install', 'sidetrack-crds', join(CHARTS, 'sidetrack-crds'), '--namespace=default')
    await byHelm('install', 'sidetrack', chart, ...values)
    await kubectl.run(['delete', 'pod', name, `--namespace=${namespace}`, '--grace-period=1'])
    ledger = await start()
    const made = await create()
    t.equal(made.code, 0, made.stderr)
    await send(errand('pricing', 'pr-1', { pricing: ['pr-1'] }))
    assertClean(t, await ledger.more(CALM))
    const admin = async (page: string) => {
      const script = `fetch('http://${await nodeAddress()}:15020${page}').then(async (r) => console.log(r.status, await r.text()))`
      return kubectl.run(['exec', name, `--namespace=${namespace}`, '--container=ledger', '--', 'node', '-e', script])
    }
    t.match(
      await admin('/metrics'),
      /^200 [^]*sidetrack_requests_total\{.*outcome="fork"[^]*\nsidetrack_kernel_failures_total 0\n/,
    )
    t.match(await admin('/tables'), /^403 /)
    t.match(await sidetrack('upgrade'), { code: 1, stderr: /kept by Helm release sidetrack/ })
    await send(errand('pricing', 'pr-1', { pricing: ['pr-1', 'baseline', 'ST1101'] }))
    const page = await during(async () => {
      await kubectl.run(['delete', 'sandboxes', '--all', `--namespace=${namespace}`])
      await byHelm('upgrade', 'sidetrack', chart, ...values, '--set-string=agent.settings.SIDETRACK_REMOVE=true')
      await byHelm('uninstall', 'sidetrack', '--namespace', SYSTEM, '--wait')
    })
    t.comment(describe(page))
    assertClean(t, page)
    t.equal(await redirected(), 0)
    for (const file of await operatorDefinitions()) await kubectl.run(['delete', '--filename', file])
    await byHelm('uninstall', 'sidetrack-crds', '--namespace=default', '--wait')
  })

  await t.test('`install --apply` brings it back, whole', async (t) => {
    const { code, stderr } = await sidetrack('install', '--apply', '--registry', 'localhost', '--tag', NEXT)
    t.equal(code, 0, stderr)
    t.match(await sidetrack('check'), { code: 0 })
    await installOn(cluster)
  })
})
