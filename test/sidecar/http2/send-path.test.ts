// Who is looked at when a window grows: nobody whom it does not help, however many wait.

import t from 'tap'
import { FrameType, frame, payloadLength } from '../../../sidecar/http2/frame.ts'
import type { Link } from '../../../sidecar/http2/link.ts'
import { SendPath } from '../../../sidecar/http2/send-path.ts'
import { Half, type Stream } from '../../../sidecar/http2/stream.ts'

const WINDOW = 65_535

function nothing(): void {}

/** A path whose link notes ids and lengths of the DATA that leaves. */
function path() {
  const left: (readonly [id: number, length: number])[] = []
  const note = (bytes: Buffer, at: number) => left.push([bytes.readUInt32BE(at + 5), payloadLength(bytes, at)])
  const link = { send: (bytes: Buffer) => note(bytes, 0), put: note } as unknown as Link
  return { left, path: new SendPath(link, { sent: nothing, dropped: nothing, finished: nothing, waiting: nothing }) }
}

/** A half that counts how often somebody looks at its window. */
class Watched extends Half {
  looks = 0
  readonly id: number

  constructor(id: number, window: number) {
    super({ id } as unknown as Stream, window)
    this.id = id
    let current = window
    Object.defineProperty(this, 'window', {
      get: () => {
        this.looks++
        return current
      },
      set: (value: number) => {
        current = value
      },
    })
  }
}

function send(to: SendPath, half: Watched, length: number): void {
  to.data(half, frame(FrameType.data, 0, half.id, Buffer.alloc(length)), 0, length, true)
  half.looks = 0
}

/** One whose connection has no window left. */
function exhausted() {
  const { path: to, left } = path()
  const half = new Watched(1, WINDOW)
  for (let rest = WINDOW; rest > 0; rest -= 16_384) send(to, half, Math.min(rest, 16_384))
  left.length = 0
  return { path: to, left }
}

t.test('streams that wait for their own windows are not looked at when the connection’s grows', async (t) => {
  const { path: to, left } = path()
  const halves = Array.from({ length: 100 }, (_, index) => new Watched(3 + 2 * index, 0))
  for (const half of halves) send(to, half, 10)
  for (let n = 0; n < 100; n++) to.grow(1)
  t.equal(
    halves.reduce((sum, { looks }) => sum + looks, 0),
    0,
  )
  t.strictSame(left, [])
})

t.test('of those that wait for the connection’s only as many are looked at as it has room for, in turn', async (t) => {
  const { path: to, left } = exhausted()
  const halves = Array.from({ length: 100 }, (_, index) => new Watched(3 + 2 * index, 1000))
  for (const half of halves) send(to, half, 10)
  for (let n = 0; n < 3; n++) to.grow(1)
  t.strictSame(left, [
    [3, 1],
    [5, 1],
    [7, 1],
  ])
  t.equal(halves.filter(({ looks }) => looks > 0).length, 3)
  to.grow(9 + 10)
  t.strictSame(left.slice(3), [
    [9, 10],
    [11, 9],
  ])
})

t.test(
  'all of them leave at once where there is room, and one that has more to send stands behind the others',
  async (t) => {
    const { path: to, left } = exhausted()
    for (const id of [3, 5]) {
      const half = new Watched(id, 15)
      send(to, half, 10)
      send(to, half, 10)
    }
    to.grow(1000)
    t.strictSame(left, [
      [3, 10],
      [3, 5],
      [5, 10],
      [5, 5],
    ])
    to.grow(1000)
    t.equal(left.length, 4, 'the rest waits for the streams’ own windows')
  },
)

t.test('a stream that waited for its own window and then for the connection’s leaves when that grows', async (t) => {
  const { path: to, left } = exhausted()
  const half = new Watched(3, 0)
  send(to, half, 10)
  half.window = 10
  to.drain(half)
  t.strictSame(left, [])
  to.grow(10)
  t.strictSame(left, [[3, 10]])
})

t.test('a stream whose own window was taken back meanwhile is not looked at again and again', async (t) => {
  const { path: to, left } = exhausted()
  const half = new Watched(3, 10)
  send(to, half, 10)
  half.window = -5
  to.grow(10)
  half.looks = 0
  to.grow(10)
  t.equal(half.looks, 0)
  half.window = 10
  to.drain(half)
  t.strictSame(left, [[3, 10]])
})
