// What sidecars hold together and alone, and who hears of a change.

import t from 'tap'
import { Hub } from '../../agent/hub.ts'
import { type Entry, type EntryName, encodeLine, entryName } from '../../core/wire.ts'
import { helloLine, linkedSidecar } from '../fixtures/linked-sidecar.ts'
import { until } from '../fixtures/until.ts'

const route = (key: string, table = 'cart'): Entry => ({ kind: 'route', table, key, addresses: ['127.0.0.1:1'] })
const put = (...entries: readonly Entry[]) => entries.map((entry) => ({ put: entry }))
const drop = (key: string) => ({ drop: { kind: 'route', table: 'cart', key } satisfies EntryName })

/** A hub with a shared layer that `one` and `two` follow, and a sidecar that says it is `name`. */
function shared() {
  const hub = new Hub()
  hub.follow('one', ['all'])
  hub.follow('two', ['all'])
  hub.change(
    new Map([
      ['all', put(route('a'))],
      ['one', put({ kind: 'own-key', key: 'pr-1' })],
    ]),
  )
  return hub
}

t.test('a sidecar holds its own layer and those that it follows', async (t) => {
  const hub = shared()
  t.strictSame(hub.entries('one').map(entryName), ['own-key', 'route cart a'])
  t.strictSame(hub.entries('two').map(entryName), ['route cart a'])
  t.strictSame(hub.sidecars, ['one', 'two'])
})

t.test('a change of a shared layer goes to all that follow it, a change of an own layer to that sidecar', async (t) => {
  const hub = shared()
  const one = await linkedSidecar(t, hub)
  const two = await linkedSidecar(t, hub)
  one.peer.write(helloLine('one'))
  two.peer.write(helloLine('two'))
  await until(() => one.received.length === 4 && two.received.length === 3)
  hub.change(new Map([['two', put(route('own', 'inbound'))]]))
  hub.change(new Map([['all', [drop('a'), ...put(route('b'))]]]))
  await until(() => one.received.length === 7 && two.received.length === 8)
  t.strictSame(one.received.slice(4), [drop('a'), { put: route('b') }, { revision: 3 }])
  t.strictSame(two.received.slice(3), [
    { put: route('own', 'inbound') },
    { revision: 2 },
    drop('a'),
    { put: route('b') },
    { revision: 3 },
  ])
})

t.test('a sidecar that a change does not concern is still up to date', async (t) => {
  const hub = shared()
  const one = await linkedSidecar(t, hub)
  one.peer.write(helloLine('one') + encodeLine({ applied: 1 }))
  await until(() => hub.link('one')?.upToDate === true)
  hub.change(new Map([['two', put(route('own', 'inbound'))]]))
  t.equal(hub.link('one')?.upToDate, true)
})

t.test('a sidecar that follows another layer gets the difference', async (t) => {
  const hub = shared()
  hub.change(new Map([['others', put(route('b'))]]))
  const one = await linkedSidecar(t, hub)
  one.peer.write(helloLine('one'))
  await until(() => one.received.length === 4)
  hub.follow('one', ['others'])
  await until(() => one.received.length === 7)
  t.strictSame(one.received.slice(4), [drop('a'), { put: route('b') }, { revision: 3 }])
  t.strictSame(hub.entries('one').map(entryName), ['own-key', 'route cart b'])
})

t.test('a forgotten sidecar is disconnected, and what others hold stays', async (t) => {
  const hub = shared()
  const one = await linkedSidecar(t, hub)
  one.peer.write(helloLine('one'))
  await until(() => one.received.length === 4)
  hub.forget('one')
  await until(() => one.peer.destroyed || one.peer.readableEnded)
  t.strictSame(hub.sidecars, ['two'])
  t.equal(hub.entries('two').length, 1)
})
