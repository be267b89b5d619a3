// The nftables program in a real network namespace: what goes to the sidecar, what never does, and what survives.

import t, { type Test } from 'tap'
import { changeProgram, EMPTY, NO_CHANGE, REMOVE, SIDECAR_GONE, tableProgram } from '../../../agent/node/nft-program.ts'
import { NftRunner } from '../../../agent/node/nft-runner.ts'
import { INTERCEPT_PORT, LOCAL_PREFIX_6, SIDECAR_UID, localAddress } from '../../../core/interception.ts'
import {
  NEIGHBOUR,
  NO_NETWORK,
  OTHER_SERVICE,
  POD,
  POD_6,
  SERVICE,
  SERVICE_6,
  createNetwork,
} from '../../fixtures/network/network.ts'
import { until } from '../../fixtures/until.ts'

const nft = new NftRunner()
const LOCAL = `${localAddress(7, 4)}:${INTERCEPT_PORT}`
const redirect = (host: string, number = 7) => ({ to: { host, port: 80 }, number })

/** A pod with an app and a sidecar that beats, the table installed, `SERVICE` redirected; the neighbour serves all Services. */
async function redirected(t: Test) {
  const network = await createNetwork(t)
  const { pod, neighbour } = network
  await nft.apply(pod.namespace, tableProgram(SIDECAR_UID, []))
  await nft.apply(pod.namespace, changeProgram({ ...NO_CHANGE, addRedirects: [redirect(SERVICE)] }))
  const [app, sidecar, baseline] = await Promise.all([pod.actor(), pod.actor(SIDECAR_UID), neighbour.actor()])
  await sidecar.tell({ do: 'serve', host: '::', port: INTERCEPT_PORT, name: 'sidecar' })
  await baseline.tell({ do: 'serve', host: '::', port: 80, name: 'baseline' })
  await sidecar.tell({ do: 'beat', on: true })
  return { ...network, app, sidecar, baseline }
}

t.test('in a network namespace', { skip: NO_NETWORK }, async (t) => {
  t.test('only what is in the map goes to the sidecar, at the local address of its number', async (t) => {
    const { app } = await redirected(t)
    t.equal((await app.dial(SERVICE, 80)).line, `sidecar ${LOCAL}`)
    t.match((await app.dial(OTHER_SERVICE, 80)).line, /^baseline/)
    t.equal((await app.dial(SERVICE, 81)).fault, 'ECONNREFUSED')
  })

  t.test("the sidecar's own calls are never redirected", async (t) => {
    const { sidecar } = await redirected(t)
    t.match((await sidecar.dial(SERVICE, 80)).line, /^baseline/)
  })

  t.test('nothing is redirected before the first beat, nor 3 s after the last', async (t) => {
    const { app, sidecar, pod } = await redirected(t)
    await sidecar.tell({ do: 'beat', on: false })
    sidecar.process.kill('SIGSTOP')
    const before = performance.now()
    await until(async () => !(await pod.run('nft', 'list', 'set', 'inet', 'sidetrack', 'alive')).includes('elements'))
    const gone = performance.now() - before
    t.ok(gone < 3500, `it took ${Math.round(gone)} ms`)
    t.match((await app.dial(SERVICE, 80)).line, /^baseline/)
  })

  t.test('a datagram of another user is no beat', async (t) => {
    const { app, sidecar, pod } = await redirected(t)
    await sidecar.tell({ do: 'beat', on: false })
    await nft.apply(pod.namespace, SIDECAR_GONE)
    await app.tell({ do: 'beat', on: true })
    t.match((await app.dial(SERVICE, 80)).line, /^baseline/)
  })

  t.test('a sidecar that is gone is out of the path at once, and back with its next beat', async (t) => {
    const { app, sidecar, pod } = await redirected(t)
    await sidecar.tell({ do: 'beat', on: false })
    await nft.apply(pod.namespace, SIDECAR_GONE)
    t.match((await app.dial(SERVICE, 80)).line, /^baseline/)
    await sidecar.tell({ do: 'beat', on: true })
    t.match((await app.dial(SERVICE, 80)).line, /^sidecar/)
  })

  t.test('open connections survive the arrival, the renewal and the emptying of the table', async (t) => {
    const { pod, neighbour } = await createNetwork(t)
    const [app, sidecar, baseline] = await Promise.all([pod.actor(), pod.actor(SIDECAR_UID), neighbour.actor()])
    await baseline.tell({ do: 'serve', host: '::', port: 80, name: 'baseline' })
    await sidecar.tell({ do: 'serve', host: '::', port: INTERCEPT_PORT, name: 'sidecar' })
    const direct = (await app.dial(SERVICE, 80)).connection ?? -1
    await nft.apply(pod.namespace, tableProgram(SIDECAR_UID, []))
    await nft.apply(pod.namespace, changeProgram({ ...NO_CHANGE, addRedirects: [redirect(SERVICE)] }))
    await sidecar.tell({ do: 'beat', on: true })
    const through = (await app.dial(SERVICE, 80)).connection ?? -1
    const both = async () => [
      (await app.tell({ do: 'say', connection: direct, text: 'hello' })).line,
      (await app.tell({ do: 'say', connection: through, text: 'hello' })).line,
    ]
    t.strictSame(await both(), ['hello', 'hello'], 'after its arrival')
    await nft.apply(pod.namespace, tableProgram(SIDECAR_UID, []))
    t.match((await app.dial(SERVICE, 80)).line, /^sidecar/, 'elements stay')
    t.strictSame(await both(), ['hello', 'hello'], 'after its renewal')
    await nft.apply(pod.namespace, EMPTY)
    t.match((await app.dial(SERVICE, 80)).line, /^baseline/)
    t.strictSame(await both(), ['hello', 'hello'], 'after it was emptied')
  })

  t.test('an address that changes its number does so in one step', async (t) => {
    const { app, pod } = await redirected(t)
    const change = {
      ...NO_CHANGE,
      removeRedirects: [{ host: SERVICE, port: 80 }],
      addRedirects: [redirect(SERVICE, 8)],
    }
    await nft.apply(pod.namespace, changeProgram(change))
    t.equal((await app.dial(SERVICE, 80)).line, `sidecar ${localAddress(8, 4)}:${INTERCEPT_PORT}`)
  })

  t.test('IPv6 goes to the sidecar in the same way', async (t) => {
    const { app, pod } = await redirected(t)
    await nft.routeLocal6(pod.namespace, LOCAL_PREFIX_6)
    await nft.apply(pod.namespace, changeProgram({ ...NO_CHANGE, addRedirects: [redirect(SERVICE_6, 70_000)] }))
    t.equal((await app.dial(SERVICE_6, 80)).line, `sidecar ${localAddress(70_000, 6)}:${INTERCEPT_PORT}`)
  })

  t.test("a neighbour reaches neither the sidecar's ports nor the agent's", async (t) => {
    const { pod, neighbour, sidecar } = await redirected(t)
    const hostile = await neighbour.actor()
    await sidecar.tell({ do: 'serve', host: '0.0.0.0', port: 15_100, name: 'inbound' })
    await sidecar.tell({ do: 'serve', host: '::', port: 15_131, name: 'inbound' })
    await sidecar.tell({ do: 'serve', host: '127.0.0.1', port: 15_010, name: 'agent' })
    // A kernel that lets packets for 127/8 in from outside.
    await pod.run('sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
    await neighbour.run('sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1')
    await neighbour.run('ip', 'route', 'add', '127.64.0.7/32', 'via', POD)
    for (const [host, port] of [
      [POD, INTERCEPT_PORT],
      [POD, 15_100],
      [POD_6, 15_131],
      ['127.64.0.7', INTERCEPT_PORT],
    ] as const)
      t.equal((await hostile.dial(host, port, 300)).fault, 'ETIMEDOUT', `${host} port ${port}`)
    await neighbour.run('ip', 'route', 'del', 'local', '127.0.0.0/8', 'table', 'local')
    await neighbour.run('ip', 'route', 'del', 'local', '127.0.0.1', 'table', 'local')
    await neighbour.run('ip', 'route', 'add', '127.0.0.1/32', 'via', POD)
    t.equal((await hostile.dial('127.0.0.1', 15_010, 300)).fault, 'ETIMEDOUT')
  })

  t.test('calls from outside go to the sidecar where the inbound side is on, probes do not', async (t) => {
    const { pod, neighbour, app, sidecar } = await redirected(t)
    await app.tell({ do: 'serve', host: '::', port: 8080, name: 'app' })
    await sidecar.tell({ do: 'serve', host: '0.0.0.0', port: 15_100, name: 'inbound' })
    const inbound = [{ to: { host: POD, port: 8080 }, port: 15_100 }]
    await nft.apply(pod.namespace, changeProgram({ ...NO_CHANGE, addInbound: inbound }))
    const caller = await neighbour.actor()
    t.match((await caller.dial(POD, 8080)).line, /^inbound/)
    t.match((await app.dial(POD, 8080)).line, /^app/, 'calls inside the pod stay there')
    t.match((await sidecar.dial(POD, 8080)).line, /^app/)
    await nft.apply(pod.namespace, tableProgram(SIDECAR_UID, [{ from: NEIGHBOUR, port: 8080 }]))
    t.match((await caller.dial(POD, 8080)).line, /^app/)
  })

  t.test('what is in force can be read back, and is nothing before and after', async (t) => {
    const { pod } = await createNetwork(t)
    const nothing = { redirects: new Map(), inbound: new Map(), strange: [] }
    t.strictSame(await nft.read(pod.namespace), nothing)
    await nft.apply(pod.namespace, tableProgram(SIDECAR_UID, []))
    const change = {
      ...NO_CHANGE,
      addRedirects: [redirect(SERVICE), redirect(SERVICE_6, 70_000)],
      addInbound: [{ to: { host: POD_6, port: 8080 }, port: 15_101 }],
    }
    await nft.apply(pod.namespace, changeProgram(change))
    t.strictSame(await nft.read(pod.namespace), {
      redirects: new Map([
        [`${SERVICE}:80`, 7],
        [`[${SERVICE_6}]:80`, 70_000],
      ]),
      inbound: new Map([[`[${POD_6}]:8080`, 15_101]]),
      strange: [],
    })
    await nft.apply(pod.namespace, REMOVE)
    t.strictSame(await nft.read(pod.namespace), nothing)
  })

  t.test('a program that nft refuses changes nothing and says why', async (t) => {
    const { pod } = await createNetwork(t)
    await nft.apply(pod.namespace, tableProgram(SIDECAR_UID, []))
    const change = {
      ...NO_CHANGE,
      removeRedirects: [{ host: SERVICE, port: 80 }],
      addRedirects: [redirect(OTHER_SERVICE)],
    }
    await t.rejects(nft.apply(pod.namespace, changeProgram(change)), { message: /No such file/ })
    t.equal((await nft.read(pod.namespace)).redirects.size, 0)
  })
})
