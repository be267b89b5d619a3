// What a pod that means harm can reach of Sidetrack: nothing of other pods; and routes that point where no route may are not in force.

import { test } from 'tap'
import { AGENT_PORT, FIRST_INBOUND_PORT, INTERCEPT_PORT } from '../../core/interception.ts'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import { eventually } from './stage/api.ts'
import { errand, Ledger } from './ledger/ledger.ts'
import { INJECTED, template } from './stage/objects.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'

const ADMIN_PORT = 15_020
/** Prints how each connection went: `open`, or why it did not come to be. */
const KNOCK = `
  const net = require('node:net')
  const knock = (address) => new Promise((resolve) => {
    const at = address.lastIndexOf(':')
    const socket = net.connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) })
    socket.setTimeout(1500, () => { socket.destroy(); resolve('TIMEOUT') })
    socket.on('error', (error) => resolve(error.code))
    socket.on('connect', () => { socket.write('GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n') })
    socket.on('data', () => { socket.destroy(); resolve('open') })
    socket.on('close', () => resolve('closed'))
  })
  Promise.all(process.argv.slice(1).map(knock)).then((all) => console.log(JSON.stringify(all)))`
/** Says what a sidecar says, and prints what it is told until the agent hangs up, or `open` if it does not. */
const LISTEN = `
  const net = require('node:net')
  let text = ''
  const socket = net.connect(${AGENT_PORT}, '127.0.0.1')
  socket.on('connect', () => { text += 'connected ' })
  socket.write(JSON.stringify({ hello: 'hostile', version: '0', pid: 1 }) + '\\n')
  socket.on('data', (data) => { text += data })
  socket.setTimeout(3000, () => { text += 'open'; socket.destroy() })
  socket.on('close', () => console.log(text))
  socket.on('error', () => {})`

test('from a hostile pod', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { kubectl, nodes } = stage
  const namespace = await useNamespace(t, kubectl, 'shop')
  const elsewhere = await useNamespace(t, kubectl, 'hostile')
  const shop = await Shop.open(stage, namespace)
  const fork = await shop.fork('pricing', 'pr-57')
  await shop.intercept('pricing')
  await shop.route('pricing', 'pr-57', fork)
  await shop.programmed()
  const ledger = await Ledger.start(t, stage, { namespace, name: 'ledger', node: nodes[0], annotations: INJECTED })
  const podOf = async (selector: string) => {
    const { items } = await kubectl.get<{ items: readonly Pod[] }>([
      'pods',
      `--namespace=${namespace}`,
      `--selector=${selector}`,
    ])
    return items[0]
  }
  const victim = await podOf('app=ledger')
  const start = async (name: string, node: string, annotations: Readonly<Record<string, string>>) => {
    const pod = template({ app: name, command: ['sleep', 'infinity'], node, annotations })
    await kubectl.apply({
      ...pod,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...pod.metadata, name, namespace: elsewhere },
    })
    await kubectl.run(['wait', `--namespace=${elsewhere}`, '--for=condition=Ready', `pod/${name}`, '--timeout=60s'])
    return (script: string, ...args: readonly string[]) =>
      kubectl.run([
        'exec',
        `--namespace=${elsewhere}`,
        name,
        `--container=${name}`,
        '--',
        'node',
        '-e',
        script,
        ...args,
      ])
  }

  for (const [i, node] of nodes.entries()) {
    const where = i === 0 ? 'the same node' : 'the other node'
    await t.test(`neither agent nor sidecar of another pod is reached from ${where}`, async (t) => {
      const hostile = await start(`plain-${i}`, node, {})
      const addresses = (victim?.status?.podIPs ?? []).map(({ ip }) => ip ?? '')
      const open = [`${addresses[0]}:9100`]
      const shut = [
        ...addresses.flatMap((ip) => [INTERCEPT_PORT, AGENT_PORT, FIRST_INBOUND_PORT].map((port) => `${ip}:${port}`)),
        ...[INTERCEPT_PORT, AGENT_PORT, ADMIN_PORT].map((port) => `${victim?.status?.hostIP}:${port}`),
      ]
      const answers: readonly string[] = JSON.parse(await hostile(KNOCK, ...open, ...shut))
      t.equal(answers[0], 'open', 'the pod itself is there')
      t.same(
        shut.filter((_, k) => !['TIMEOUT', 'ECONNREFUSED'].includes(answers[k + 1] ?? '')),
        [],
      )
    })
  }

  await t.test('a process that is not the sidecar is told nothing, not even the table of its own pod', async (t) => {
    const hostile = await start('injected', nodes[0], INJECTED)
    t.equal((await hostile(LISTEN)).trim(), 'connected')
  })

  await t.test('no request goes where no route may lead', async (t) => {
    const foreign = { app: 'foreign', args: ['pricing.mjs'], env: { VARIANT: 'foreign' }, ready: '/healthz' }
    const pod = template(foreign)
    await kubectl.apply({
      ...pod,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...pod.metadata, name: 'foreign', namespace: elsewhere },
    })
    await kubectl.run(['wait', `--namespace=${elsewhere}`, '--for=condition=Ready', 'pod/foreign', '--timeout=60s'])
    const { status } = await kubectl.get<Pod>([`--namespace=${elsewhere}`, 'pod', 'foreign'])
    const targets: Readonly<Record<string, string>> = {
      loopback: '127.0.0.1:9100',
      'link-local': '169.254.169.254:80',
      host: `${victim?.status?.hostIP}:10250`,
      foreign: `${status?.podIP}:8080`,
    }
    for (const [name, address] of Object.entries(targets)) {
      await t.test(name, async (t) => {
        const one = errand('pricing', name, { pricing: ['baseline', 'ST1101', 'ST1102', 'ST1103'] })
        const done = new AbortController()
        const trying = (async () => {
          const tries: boolean[] = []
          while (!done.signal.aborted || tries.length === 0) tries.push(await ledger.tries(one))
          return tries
        })()
        const refusal = await shop.route('pricing', name, address).then(() => undefined, String)
        if (refusal !== undefined) {
          done.abort()
          await trying
          t.match(refusal, /spec\.addresses/, 'the API server refuses it, and names the field')
          return
        }
        const accepted = async () => {
          const route = await kubectl.get<Route>([`--namespace=${namespace}`, 'route', `pricing--${name}`])
          return route.status?.conditions?.find(({ type }) => type === 'Accepted')
        }
        await eventually(async () => (await accepted())?.status === 'False')
        t.comment((await accepted())?.message)
        await shop.programmed()
        done.abort()
        t.ok((await trying).every(Boolean), 'it was not in force for a moment')
        t.ok(await ledger.tries(one), 'it is not in force')
      })
    }
  })
})
