// Frames for both sides of the router: a plausible conversation, with frames that do not belong there in between.

import { FrameType, frame, windowUpdate } from '../../../sidecar/http2/frame.ts'
import { literalBlock } from '../../../sidecar/http2/hpack/literal-writer.ts'
import { settingsFrame } from '../../../sidecar/http2/settings.ts'
import type { Random } from '../random.ts'

type Fields = readonly (readonly [string, string])[]

const ODD_FIELDS: Fields = [
  ['X-Upper', '1'],
  ['connection', 'close'],
  ['te', 'gzip'],
  ['te', 'trailers'],
  ['content-length', '3'],
  ['content-length', '-1'],
  [':path', '/again'],
  [':status', '200'],
  [':unknown', ''],
  ['host', 'other'],
  ['x', 'a\0b'],
  ['', 'empty'],
  ['content-type', 'application/grpc'],
  ['transfer-encoding', 'chunked'],
]
const NUMBERS = [0, 1, 2, 3, 5, 8, 100, 16_383, 16_384, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff]

/** What a client says behind its preface. */
export function clientFrames(random: Random): Buffer {
  const frames = random.chance(0.95) ? [settings(random)] : []
  let id = 1
  for (let count = 1 + random.below(10); count > 0; count--) {
    if (random.chance(0.3)) {
      frames.push(anything(random, random.mostly(random.pick([id, 0, 1]), NUMBERS, 0.2)))
      continue
    }
    id += random.pick([0, 2, 2, 2])
    const endStream = random.chance(0.4)
    frames.push(...headers(random, id, requestFields(random), endStream))
    if (!endStream) frames.push(...random.list(3, () => data(random, id)))
    if (random.chance(0.1)) frames.push(...headers(random, id, [['x-trailer', '1']], true))
  }
  return Buffer.concat(frames)
}

/** What a server that is not well says on the given stream. */
export function serverFrames(random: Random, id: number): Buffer {
  if (random.chance(0.3)) return anything(random, random.pick([0, id, id, id + 2]))
  const status = random.mostly('200', ['100', '103', '101', '99', '204', '', 'abc', '1000'], 0.15)
  const head: Fields = [[':status', status], ...random.list(2, () => random.pick(ODD_FIELDS))]
  const fields = random.chance(0.6) ? head.slice(0, 1) : head
  return Buffer.concat([...headers(random, id, fields, random.chance(0.4)), ...random.list(3, () => data(random, id))])
}

function requestFields(random: Random): Fields {
  const fields: (readonly [string, string])[] = [
    [':method', random.mostly(random.pick(['GET', 'POST']), ['HEAD', 'CONNECT', 'OPTIONS', 'a b'], 0.1)],
    [':scheme', 'http'],
    [':authority', 'shop'],
    [':path', random.mostly('/', ['', '*', '/#', 'x'], 0.05)],
  ]
  if (random.chance(0.4)) fields.push(['baggage', random.pick(['sidetrack=pr-42', 'a=1', 'sidetrack=pr-9'])])
  if (random.chance(0.15)) fields.splice(random.below(fields.length + 1), random.below(2), random.pick(ODD_FIELDS))
  return fields
}

function headers(random: Random, id: number, fields: Fields, endStream: boolean): Buffer[] {
  const block = literalBlock(fields)
  const end = endStream ? 1 : 0
  if (random.chance(0.85)) return [frame(FrameType.headers, end | 4, id, block)]
  const at = random.below(block.length + 1)
  if (random.chance(0.3))
    return [frame(FrameType.headers, end | 4 | 8, id, Buffer.concat([Buffer.of(2), block, Buffer.alloc(2)]))]
  return [
    frame(FrameType.headers, end, id, block.subarray(0, at)),
    frame(FrameType.continuation, 4, random.mostly(id, [0, id + 2], 0.1), block.subarray(at)),
  ]
}

function data(random: Random, id: number): Buffer {
  const payload = Buffer.alloc(random.mostly(random.below(40), [0, 16_384, 16_385, 9_000], 0.1))
  return frame(FrameType.data, random.pick([0, 0, 1, 8, 9]), id, payload)
}

function settings(random: Random): Buffer {
  return settingsFrame(
    random.list(3, () => [random.mostly(1 + random.below(6), [0, 7, 8, 255], 0.1), random.pick(NUMBERS)] as const),
  )
}

function anything(random: Random, id: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32BE(random.pick(NUMBERS))
  switch (random.below(7)) {
    case 0:
      return settings(random)
    case 1:
      return frame(
        FrameType.ping,
        random.pick([0, 1, 255]),
        random.mostly(0, [id], 0.1),
        Buffer.alloc(random.mostly(8, [0, 7, 9], 0.1)),
      )
    case 2:
      return windowUpdate(id & 0x7fffffff, random.pick(NUMBERS) & 0x7fffffff)
    case 3:
      return frame(FrameType.reset, 0, id, word)
    case 4:
      return frame(FrameType.goaway, 0, random.mostly(0, [id], 0.1), Buffer.concat([word, word]))
    case 5:
      return frame(FrameType.priority, 0, id, Buffer.concat([word, Buffer.of(1)]))
    default:
      return frame(random.below(12), random.below(256), id, random.bytes(random.below(20)))
  }
}
