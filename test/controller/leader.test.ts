import t from 'tap'
import { campaign } from '../../controller/leader.ts'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { getLease } from '../../kubernetes/lease.ts'
import type { ObjectName, Resource } from '../../kubernetes/resource.ts'
import { LEASES } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { lineLog } from '../../runtime/line-log.ts'
import { aborted } from '../../runtime/program.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { until } from '../fixtures/until.ts'

class CountingClient extends Client {
  reads = 0

  override get<T extends KubernetesObject>(resource: Resource<T>, at: ObjectName, signal?: AbortSignal): Promise<T> {
    this.reads++
    return super.get(resource, at, signal)
  }
}

const TIMING = { durationSeconds: 2, deadlineMs: 1200, retryMs: 200 }

t.test('the lease', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const client = new Client(await kubeconfigCredentials({ file: server.kubectl.kubeconfig }), 'test')
  t.teardown(() => client.close())
  /** Who leads now, and every beginning and end of a term, in order. */
  const leading = new Set<string>()
  const history: string[] = []
  const warnings: string[] = []
  let most = 0

  const candidate = (
    name: string,
    lease: string,
    hold: (term: AbortSignal) => Promise<void> = aborted,
    by: Client = client,
  ) => {
    const controller = new AbortController()
    t.teardown(() => controller.abort())
    const lead = async (term: AbortSignal) => {
      leading.add(name)
      most = Math.max(most, leading.size)
      history.push(`${name} begins`)
      await hold(term).finally(() => {
        leading.delete(name)
        history.push(`${name} ends`)
      })
    }
    const log = lineLog('warn', {}, (line) => warnings.push(line))
    const parts = {
      client: by,
      lease: { namespace: 'default', name: lease },
      identity: name,
      timing: TIMING,
      log,
      lead,
    }
    return { done: campaign(parts, controller.signal), end: () => controller.abort() }
  }
  const begin = () => {
    history.length = 0
    warnings.length = 0
    most = 0
  }

  await t.test('one of several leads; when it ends in good order the next one leads at once', async (t) => {
    begin()
    const candidates = new Map(['a', 'b', 'c'].map((name) => [name, candidate(name, 'order')]))
    for (let left = 3; left > 0; left--) {
      await until(() => leading.size === 1)
      const [leader = ''] = leading
      const start = performance.now()
      candidates.get(leader)?.end()
      await candidates.get(leader)?.done
      candidates.delete(leader)
      if (left > 1) await until(() => leading.size === 1)
      t.ok(performance.now() - start < TIMING.durationSeconds * 1000, 'without waiting for the lease to run out')
    }
    t.equal(most, 1)
    t.equal(history.length, 6)
    const lease = await getLease(client, { namespace: 'default', name: 'order' })
    t.match(lease?.spec, { holderIdentity: '', leaseTransitions: 2 })
  })

  await t.test('a leader leads for as long as it renews', async (t) => {
    begin()
    const [a, b] = [candidate('a', 'long'), candidate('b', 'long')]
    await until(async () => {
      const { acquireTime = '', renewTime = '' } =
        (await getLease(client, { namespace: 'default', name: 'long' }))?.spec ?? {}
      return Date.parse(renewTime) - Date.parse(acquireTime) > TIMING.durationSeconds * 1000
    })
    t.equal(history.length, 1)
    t.strictSame(warnings, [])
    for (const each of [a, b]) {
      each.end()
      await each.done
    }
  })

  const version = async (name: string) =>
    Number((await client.get(LEASES, { namespace: 'default', name })).metadata.resourceVersion)

  await t.test('a renewal is one request', async (t) => {
    begin()
    const counted = new CountingClient(await kubeconfigCredentials({ file: server.kubectl.kubeconfig }), 'test')
    t.teardown(() => counted.close())
    const a = candidate('a', 'counted', aborted, counted)
    await until(() => leading.has('a'))
    const reads = counted.reads
    for (let renewals = 0; renewals < 3; renewals++) {
      const before = await version('counted')
      await until(async () => (await version('counted')) > before)
    }
    t.equal(counted.reads, reads, 'it is not read before it is written')
    a.end()
    await a.done
  })

  await t.test('a leader that cannot renew stops before another one begins', async (t) => {
    begin()
    const a = candidate('a', 'outage')
    await until(() => leading.has('a'))
    const b = candidate('b', 'outage')
    server.pause()
    const start = performance.now()
    await until(() => leading.size === 0)
    const stopped = performance.now() - start
    t.ok(stopped < TIMING.durationSeconds * 1000, `stopped after ${stopped.toFixed(0)} ms`)
    server.resume()
    await until(() => leading.size === 1)
    t.equal(most, 1)
    for (const each of [a, b]) {
      each.end()
      await each.done
    }
  })

  await t.test('a leader whose lease was taken stops', async (t) => {
    begin()
    const a = candidate('a', 'taken')
    await until(() => leading.has('a'))
    const spec = { holderIdentity: 'somebody', leaseDurationSeconds: 1 }
    await server.kubectl.run(['patch', 'lease', 'taken', '--type=merge', `--patch=${JSON.stringify({ spec })}`])
    await until(() => history.includes('a ends'))
    await until(() => leading.has('a'))
    t.strictSame(history, ['a begins', 'a ends', 'a begins'], 'and leads again when the other one does not renew')
    a.end()
    await a.done
  })

  await t.test('a lease that was deleted is made again without a change of leader', async (t) => {
    begin()
    const a = candidate('a', 'deleted')
    await until(() => leading.has('a'))
    await server.kubectl.run(['delete', 'lease', 'deleted'])
    await until(async () => (await getLease(client, { namespace: 'default', name: 'deleted' })) !== undefined)
    t.strictSame(history, ['a begins'])
    a.end()
    await a.done
  })

  await t.test('a leader that does not stop in time is an error that ends the process', async (t) => {
    begin()
    const release = Promise.withResolvers<void>()
    const a = candidate('a', 'stubborn', () => release.promise)
    await until(() => leading.has('a'))
    await server.kubectl.run(['patch', 'lease', 'stubborn', '--type=merge', '--patch={"spec":{"holderIdentity":"b"}}'])
    await t.rejects(
      a.done,
      new SidetrackError('ST2006', 'the controller lost its lease and did not stop what it was doing in time'),
    )
    release.resolve()
  })

  await t.test('what fails while leading is not hidden', async (t) => {
    const a = candidate('a', 'failing', () => Promise.reject(new Error('broken')))
    await t.rejects(a.done, /broken/)
  })
})
