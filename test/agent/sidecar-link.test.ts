// The agent's end of a stream: what a sidecar receives, whatever its speed.

import { once } from 'node:events'
import t from 'tap'
import { Hub } from '../../agent/hub.ts'
import { type Entry, encodeLine, entryName } from '../../core/wire.ts'
import { helloLine, linkedSidecar } from '../fixtures/linked-sidecar.ts'
import { until } from '../fixtures/until.ts'

const route = (key: string, port: number): Entry => ({
  kind: 'route',
  table: 'cart',
  key,
  addresses: [`127.0.0.1:${port}`],
})
const desired = (...entries: readonly Entry[]) =>
  new Map([['one', new Map(entries.map((entry) => [entryName(entry), entry]))]])

const HELLO = helloLine('one')

t.test('a sidecar gets a snapshot of what concerns it, then the changes with their revisions', async (t) => {
  const hub = new Hub()
  hub.replace(desired(route('a', 1), route('b', 2)))
  const { peer, received } = await linkedSidecar(t, hub)
  peer.write(HELLO)
  await until(() => received.length === 4)
  hub.replace(desired(route('a', 1), route('b', 3), route('c', 4)))
  hub.replace(desired(route('b', 3)))
  await until(() => received.length === 10)
  t.strictSame(received, [
    { snapshot: true },
    { put: route('a', 1) },
    { put: route('b', 2) },
    { synced: 1 },
    { put: route('b', 3) },
    { put: route('c', 4) },
    { revision: 2 },
    { drop: { kind: 'route', table: 'cart', key: 'a' } },
    { drop: { kind: 'route', table: 'cart', key: 'c' } },
    { revision: 3 },
  ])
})

t.test(
  'a sidecar that does not read gets the latest of each entry when it does, and holds back no other',
  async (t) => {
    const hub = new Hub()
    // More than the kernel takes for a reader that does not read.
    const reason = 'x'.repeat(1000)
    const long = (i: number, port: number): Entry => ({
      kind: 'route',
      table: 'cart',
      key: `key-${i}`,
      addresses: [`127.0.0.1:${port}`],
      reason,
    })
    const many = Array.from({ length: 20_000 }, (_, i) => long(i, 1))
    hub.replace(desired(...many))
    const slow = await linkedSidecar(t, hub)
    slow.peer.write(HELLO)
    await until(() => slow.received.length > 0)
    slow.peer.pause()
    for (let round = 2; round < 20; round++) hub.replace(desired(...many.map((_, i) => long(i, i < 100 ? round : 1))))
    t.equal(hub.revision, 19)
    slow.peer.resume()
    const last = () => slow.received.at(-1)
    await until(
      () =>
        JSON.stringify(last()) === JSON.stringify({ revision: 19 }) ||
        JSON.stringify(last()) === JSON.stringify({ synced: 19 }),
    )
    const held = new Map<string, Entry>()
    for (const message of slow.received) if ('put' in message) held.set(entryName(message.put), message.put)
    t.equal(held.size, 20_000)
    t.strictSame(held.get('route cart key-99'), long(99, 19))
    t.ok(slow.received.length < 20_000 + 18 * 100, 'intermediate values were merged')
  },
)

t.test('a link knows whether its sidecar has confirmed everything', async (t) => {
  const hub = new Hub()
  hub.replace(desired(route('a', 1)))
  const { peer, received } = await linkedSidecar(t, hub)
  peer.write(HELLO + encodeLine({ applied: 1 }))
  await until(() => hub.link('one')?.upToDate === true)
  hub.replace(desired(route('a', 2)))
  t.equal(hub.link('one')?.upToDate, false)
  await until(() => received.some((message) => 'revision' in message))
  peer.write(encodeLine({ applied: 2 }))
  await until(() => hub.link('one')?.upToDate === true)
  t.pass()
})

for (const [fact, bytes] of [
  ['a first line that is no hello', '{"applied":1}\n'],
  ['bytes that are no JSON', 'GET / HTTP/1.1\r\n\r\n'],
  ['a message that makes no sense', `${HELLO}{"shutdown":true}\n`],
] as const) {
  t.test(`${fact} closes that connection only`, async (t) => {
    const { peer, faults } = await linkedSidecar(t, new Hub())
    peer.write(bytes)
    await once(peer, 'close')
    t.equal(faults.length, 1)
  })
}
