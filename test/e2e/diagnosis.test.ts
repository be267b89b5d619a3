// Faults made on purpose on a real cluster: `check`, `explain` or `trace` names the true cause of every one, and what to do.

import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Test, test } from 'tap'
import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import type { Kubectl } from '../cluster/kubectl.ts'
import { type CliRun, sidetrackHere, sidetrackProcess } from '../fixtures/cli-process.ts'
import { clusterFaults } from './diagnosis/cluster-faults.ts'
import type { Fault } from './diagnosis/fault.ts'
import { sandboxFaults } from './diagnosis/sandbox-faults.ts'
import { eventually } from './stage/api.ts'
import { containerOf, podsOf } from './stage/container.ts'
import { INJECTED, service, workload } from './stage/objects.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'

/** For a machine that does much else; a fault of one minute is among them. */
const PATIENCE_MS = 180_000
const ENABLED = { [NAMESPACE_LABEL]: 'enabled' }
const PORT = { name: 'http', port: 80, targetPort: 8080 }

/** Passes requests on to `next` without their baggage. */
const FORGETFUL = `require('node:http').createServer(async (request, response) => {
  if (request.url !== '/healthz') await fetch('http://' + process.env.NEXT).then((answer) => answer.text())
  response.end('{}')
}).listen(8080)`

test('diagnosis', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { cluster, kubectl, nodes } = stage
  const shop = await useNamespace(t, kubectl, 'diagnosis', ENABLED)
  const tight = await useNamespace(t, kubectl, 'diagnosis-tight', ENABLED)
  const plain = await useNamespace(t, kubectl, 'diagnosis-plain', ENABLED)
  const sidetrack = (...args: readonly string[]) =>
    sidetrackHere([...args, `--kubeconfig=${kubectl.kubeconfig}`]).then(textOf)
  const target = { app: 'target', args: ['catalog.mjs'], ready: '/healthz', annotations: INJECTED }
  await kubectl.apply(
    workload('Deployment', shop, target),
    service(shop, 'target', PORT),
    workload('Deployment', shop, {
      app: 'forgetful',
      command: ['node', '-e', FORGETFUL],
      env: { NEXT: `target.${shop}` },
      ready: '/healthz',
      annotations: INJECTED,
    }),
    service(shop, 'forgetful', PORT),
    workload('Deployment', shop, {
      app: 'front',
      args: ['storefront.mjs'],
      env: { CART_URL: `http://forgetful.${shop}` },
      ready: '/healthz',
      annotations: INJECTED,
    }),
    workload('Deployment', tight, { app: 'target', annotations: INJECTED }, { replicas: 0 }),
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none-left', namespace: tight },
      spec: { hard: { pods: '0' } },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'small', namespace: tight },
      spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] },
    },
  )
  const made = await sidetrack('create', 'well', '--fork', 'deploy/target', '--env', 'target:A=1', `-n${shop}`)
  t.match(made, /created/)
  const faults = sandboxFaults(kubectl, { shop, tight, plain })
  await Promise.all(faults.map(async ({ make }) => make?.()))
  await kubectl.run(['wait', `-n${shop}`, '--for=condition=Available', 'deployment/front', '--timeout=180s'])

  for (const fault of faults) await t.test(fault.fault, (t) => assertTold(t, fault, sidetrack))

  await t.test('a service that drops the baggage header', async (t) => {
    const forward = kubectl.start(['port-forward', `-n${shop}`, 'deployment/front', ':8080'])
    t.teardown(() => forward.kill())
    const [line] = (await once(createInterface(forward.stdout), 'line')) as [string]
    const url = `http://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(line)?.[1]}/`
    await eventually(async () => (await fetch(url)).status > 0, PATIENCE_MS)
    const fault = { fault: '', ask: ['trace', url, '--key=well'] }
    const name = `${shop}/forgetful`
    const told = new RegExp(
      `${name} +baseline [^]*${name} was reached with the key; no call that left it carried it\\n`,
    )
    await assertTold(t, { ...fault, told }, sidetrack)
  })

  await t.test('a sidecar that hangs', async (t) => {
    const [pod = ''] = await podsOf(cluster, shop, 'app=front')
    const sidecar = await containerOf(cluster, shop, pod, 'sidetrack')
    await sidecar.signal('SIGSTOP')
    t.teardown(() => sidecar.signal('SIGCONT'))
    const told = new RegExp(
      `! requests with a key that these pods send go to the baseline[^]*${pod} on \\S+, for \\d+s: `,
    )
    await assertTold(t, { fault: '', ask: ['explain', 'well', `-n${shop}`], told }, sidetrack)
  })

  await t.test('nodes that take no pods', async (t) => {
    await kubectl.run(['cordon', ...nodes])
    t.teardown(() => kubectl.run(['uncordon', ...nodes]))
    await sidetrack('create', 'nowhere', '--fork', 'deploy/target', '--env', 'target:A=1', `-n${shop}`)
    const told = /✗ its forks are not ready: Unschedulable\n[^]*unschedulable/
    await assertTold(t, { fault: '', ask: ['explain', 'nowhere', `-n${shop}`], told }, sidetrack)
  })

  await t.test('a clock that is wrong', async (t) => {
    const late = 'const now = Date.now; Date.now = () => now() + 3_600_000'
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(late)}`
    const run = await sidetrackProcess(['check'], { environment: { KUBECONFIG: kubectl.kubeconfig, NODE_OPTIONS } })
    t.match(textOf(run), /! the clock of this machine is \d+m ahead of the API server's[^]*→ set it/)
  })

  await t.test('somebody without rights', async (t) => {
    const run = await sidetrackHere(['check', `--kubeconfig=${await powerless(t, kubectl, plain)}`, `-n${plain}`])
    t.match(textOf(run), /✗ rights are missing\n[^]*create sandboxes.sidetrack.dev in namespace[^]*→ ask for them/)
    t.match(textOf(run), /\? the controller may not be looked at with your rights/)
  })

  for (const fault of clusterFaults(stage, ['explain', 'well', `-n${shop}`]))
    await t.test(fault.fault, async (t) => {
      await fault.make?.()
      try {
        await assertTold(t, fault, sidetrack)
      } finally {
        await fault.undo?.()
      }
    })
})

type Ask = (...args: readonly string[]) => Promise<string>

/** Asks until the cluster has come to know of the fault. */
async function assertTold(t: Test, { ask, told }: Fault, sidetrack: Ask): Promise<void> {
  let last = ''
  await eventually(async () => told.test((last = await sidetrack(...ask))), PATIENCE_MS).catch(() => undefined)
  t.match(last, told)
}

/** A kubeconfig of a service account that was given nothing. */
async function powerless(t: Test, kubectl: Kubectl, namespace: string): Promise<string> {
  const config = JSON.parse(await kubectl.run(['config', 'view', '--raw', '--minify', '--output=json']))
  const token = (await kubectl.run(['create', 'token', 'default', `--namespace=${namespace}`])).trim()
  config.users[0].user = { token }
  const file = join(t.testdir({ kubeconfig: JSON.stringify(config) }), 'kubeconfig')
  return file
}

function textOf({ stdout, stderr }: CliRun): string {
  return stdout + stderr
}
