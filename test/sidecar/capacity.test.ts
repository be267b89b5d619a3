// Who is asked to give up what it holds, and when.

import t from 'tap'
import { Capacity } from '../../sidecar/capacity.ts'

class Holding {
  asked = 0
  bytes: number

  constructor(bytes: number) {
    this.bytes = bytes
  }

  get buffered(): number {
    this.asked++
    return this.bytes
  }

  shed(): void {
    this.bytes = 0
  }
}

function capacity(buffered: number, holdings: readonly Holding[]) {
  const shed: [holders: number, bytes: number][] = []
  const made = new Capacity({ connections: 3, buffered }, (holders, bytes) => shed.push([holders, bytes]))
  for (const each of holdings) made.add(each)
  return { capacity: made, shed }
}

t.test('nobody is asked before as much has come as may be held', async (t) => {
  const one = new Holding(10)
  const { capacity: all } = capacity(1600, [one])
  for (let read = 0; read < 16; read++) all.read(100)
  t.equal(one.asked, 0)
  all.read(1)
  t.equal(one.asked, 1)
  for (let read = 0; read < 15; read++) all.read(100)
  t.equal(one.asked, 1, 'the next look is as far away as the limit is')
})

t.test('those that hold most give it up, until three quarters of the limit are left', async (t) => {
  const holdings = [300, 50, 400, 150, 200].map((bytes) => new Holding(bytes))
  const { capacity: all, shed } = capacity(1000, holdings)
  all.read(1001)
  t.strictSame(
    holdings.map(({ bytes }) => bytes),
    [300, 50, 0, 150, 200],
  )
  t.strictSame(shed, [[1, 400]])
})

t.test('of those that hold about as much the youngest goes first', async (t) => {
  const holdings = [500, 300, 400, 260].map((bytes) => new Holding(bytes))
  const { capacity: all } = capacity(1200, holdings)
  all.read(1201)
  t.strictSame(
    holdings.map(({ bytes }) => bytes),
    [500, 300, 0, 0],
  )
})

t.test('what grows by itself counts, and is looked at with the next read', async (t) => {
  const one = new Holding(2000)
  const { capacity: all } = capacity(1000, [one])
  all.grew(5000)
  t.equal(one.bytes, 2000, 'not in the midst of making it')
  all.read(1)
  t.equal(one.bytes, 0)
})

t.test('near the limit it looks again after a sixteenth of it', async (t) => {
  const one = new Holding(1590)
  const { capacity: all } = capacity(1600, [one])
  all.read(1601)
  one.bytes = 1700
  all.read(100)
  t.equal(one.bytes, 1700)
  all.read(1)
  t.equal(one.bytes, 0)
})

t.test('what is removed is asked no more', async (t) => {
  const one = new Holding(2000)
  const { capacity: all } = capacity(1000, [one])
  all.remove(one)
  all.read(1001)
  t.equal(one.asked, 0)
})

t.test('it is full with as many connections as the limit says, and no longer when one has gone', async (t) => {
  const holdings = [0, 0, 0].map((bytes) => new Holding(bytes))
  const { capacity: all } = capacity(1000, holdings)
  t.ok(all.isFull)
  all.remove(holdings[0] as Holding)
  t.notOk(all.isFull)
})

t.test('256 clients at once are told that there are too many', async (t) => {
  const { capacity: all } = capacity(1000, [])
  for (let client = 0; client < 256; client++) t.ok(all.startRefusal())
  t.notOk(all.startRefusal())
  all.endRefusal()
  t.ok(all.startRefusal())
})
