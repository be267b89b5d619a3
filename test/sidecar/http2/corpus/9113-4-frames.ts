// RFC 9113 §4: frame headers, their size, and header blocks in pieces.

import {
  type Case,
  type Sent,
  CODE,
  GET,
  OK,
  POST,
  answered,
  asked,
  breaks,
  data,
  head,
  ignores,
  last,
  plus,
  posting,
  reset,
  severs,
  whole,
} from './case.ts'
import {
  END_HEADERS,
  END_STREAM,
  Frames,
  PADDED,
  PRIORITY,
  TYPE,
  block,
  frame,
  headers,
  hex,
  indexed,
  neverIndexed,
  priority,
  windowUpdate,
  words,
} from './frames.ts'

const B = block(GET)

const passesAs = (rfc: string, name: string, frames: readonly Sent[], fields = GET): Case => ({
  rfc,
  name,
  steps: [{ send: frames }, { sees: [whole(1, fields)] }, ...answered],
})

const R = 0x8000_0000

const headersOf: readonly Case[] = [
  passesAs('9113 §4.1', 'the reserved bit of a request’s stream id is ignored, and not passed on', [
    frame(TYPE.headers, END_HEADERS | END_STREAM, R + 1, B),
  ]),
  {
    rfc: '9113 §4.1',
    name: 'the reserved bit and undefined flags of a request’s DATA are not passed on',
    steps: [
      ...posting,
      { send: [frame(TYPE.data, 0xf6 | END_STREAM, R + 1, 'hello')] },
      { sees: [last(1, 'hello')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §4.1',
    name: 'undefined flags of a request’s HEADERS are not passed on',
    steps: [
      ...posting,
      { send: [last(1)] },
      { sees: [last(1)] },
      ...answered,
      { send: [frame(TYPE.headers, 0xd2 | END_HEADERS | END_STREAM, 3, B)] },
      { sees: [whole(3, GET)] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '9113 §4.1',
    name: 'undefined flags and the reserved bit of a response are not passed on',
    steps: [
      ...asked,
      {
        reply: [
          frame(TYPE.headers, 0xd2 | END_HEADERS, R + 1, block(OK)),
          frame(TYPE.data, 0xf6, R + 1, 'o'),
          frame(TYPE.data, 0xf6 | END_STREAM, R + 1, 'k'),
        ],
      },
      { gets: [head(1, OK), last(1, 'ok')] },
    ],
  },
  {
    rfc: '9113 §4.1',
    name: 'flags and the reserved bit of a RST_STREAM are not passed on',
    steps: [
      ...asked,
      { reply: [frame(TYPE.reset, 0xff, R + 1, words(CODE.cancel))] },
      { gets: [reset(1, CODE.cancel)] },
    ],
  },
  ignores('9113 §4.1', 'a frame of an unknown type is ignored', [frame(0xbe, 0xff, 1, 'whatever')]),
  ignores('9113 §4.1', 'a frame of an unknown type on stream 0 is ignored', [frame(0x10, 0, 0, 'u=1')]),
  ignores('9113 §5.5', 'a frame of an unknown type on a stream that is idle is ignored', [frame(0xff, 0, 99, '')]),
  {
    rfc: '9113 §5.5',
    name: 'a frame of an unknown type from an upstream is not passed on',
    steps: [...asked, { reply: [frame(0xbe, 0, 1, 'x'), frame(0x0a, 0, 0, 'altsvc')] }, ...answered],
  },
  breaks('9113 §5.5', 'a frame of an unknown type inside a header block ends the connection', CODE.protocol, [
    frame(TYPE.headers, END_STREAM, 1, B.subarray(0, 5)),
    frame(0xbe, 0, 1, ''),
  ]),
]

const BIG = Buffer.alloc(16_385)
const sizes: readonly Case[] = [
  {
    rfc: '9113 §4.2',
    name: 'a frame of 16,384 bytes passes',
    steps: [
      ...posting,
      { send: [data(1, 'x'.repeat(16_384), true)] },
      { sees: [last(1, 'x'.repeat(16_384))] },
      { reply: [head(1, OK), data(1, 'y'.repeat(16_384), true)] },
      { gets: [head(1, OK), last(1, 'y'.repeat(16_384))] },
    ],
  },
  breaks('9113 §4.2', 'DATA of 16,385 bytes end the connection', CODE.size, [frame(TYPE.data, 0, 1, BIG)], posting),
  breaks('9113 §4.2', 'HEADERS of 16,385 bytes end the connection', CODE.size, [frame(TYPE.headers, 4, 1, BIG)]),
  breaks('9113 §4.2', 'a frame of an unknown type of 16,385 bytes ends the connection', CODE.size, [
    frame(0xbe, 0, 0, BIG),
  ]),
  breaks(
    '9113 §4.2',
    'a frame of 16 MiB ends the connection at its header',
    CODE.size,
    [new Frames(hex('ffffff 00 00 00000001'))],
    posting,
  ),
  breaks('9113 §4.2', 'PADDED HEADERS without a pad length end with FRAME_SIZE_ERROR', CODE.size, [
    frame(TYPE.headers, END_HEADERS | PADDED, 1, ''),
  ]),
  breaks('9113 §4.2', 'HEADERS with PRIORITY and four bytes end with FRAME_SIZE_ERROR', CODE.size, [
    frame(TYPE.headers, END_HEADERS | PRIORITY, 1, words(0)),
  ]),
  breaks('9113 §4.2', 'HEADERS with PADDED and PRIORITY and five bytes end with FRAME_SIZE_ERROR', CODE.size, [
    frame(TYPE.headers, END_HEADERS | PRIORITY | PADDED, 1, Buffer.alloc(5)),
  ]),
  breaks(
    '9113 §4.2',
    'PADDED DATA without a pad length end with FRAME_SIZE_ERROR',
    CODE.size,
    [frame(TYPE.data, PADDED, 1, '')],
    posting,
  ),
  severs('9113 §4.2', 'DATA of 16,385 bytes from an upstream end the connection to it', CODE.size, [
    frame(TYPE.data, 0, 1, BIG),
  ]),
  severs('9113 §4.2', 'PADDED HEADERS of an upstream without a pad length end the connection to it', CODE.size, [
    frame(TYPE.headers, END_HEADERS | PADDED, 1, ''),
  ]),
]

const cut = (...at: readonly number[]): readonly Buffer[] =>
  [...at, B.length].map((end, index) => B.subarray(index === 0 ? 0 : at[index - 1], end))
const pieces = (id: number, parts: readonly Buffer[]): Sent[] =>
  parts.map((part, index) =>
    frame(
      index === 0 ? TYPE.headers : TYPE.continuation,
      (index === 0 ? END_STREAM : 0) | (index === parts.length - 1 ? END_HEADERS : 0),
      id,
      part,
    ),
  )

const blocks: readonly Case[] = [
  passesAs('9113 §4.3', 'a block in two frames passes', pieces(1, cut(9))),
  passesAs(
    '9113 §4.3',
    'a block cut at every byte passes',
    pieces(1, cut(...Array.from({ length: 50 }, (_, n) => n + 1))),
  ),
  passesAs('9113 §4.3', 'a block whose first frame is empty passes', pieces(1, [Buffer.alloc(0), B])),
  passesAs('9113 §4.3', 'a block whose last frame is empty passes', pieces(1, [B, Buffer.alloc(0)])),
  {
    rfc: '9113 §4.3',
    name: 'a block of 40,000 bytes passes in frames that are not too large',
    steps: [
      {
        send: ((big: Buffer) => [
          frame(TYPE.headers, END_STREAM, 1, big.subarray(0, 16_384)),
          frame(TYPE.continuation, 0, 1, big.subarray(16_384, 32_768)),
          frame(TYPE.continuation, END_HEADERS, 1, big.subarray(32_768)),
        ])(block(plus(GET, ['x', 'v'.repeat(40_000)]))),
      },
      { sees: [whole(1, plus(GET, ['x', 'v'.repeat(40_000)]))] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §4.3',
    name: 'a response head in pieces passes',
    steps: [
      ...asked,
      {
        reply: [
          frame(TYPE.headers, END_STREAM, 1, block(OK).subarray(0, 3)),
          frame(TYPE.continuation, 0, 1, block(OK).subarray(3, 4)),
          frame(TYPE.continuation, END_HEADERS, 1, block(OK).subarray(4)),
        ],
      },
      { gets: [whole(1, OK)] },
    ],
  },
  ...(
    [
      ['DATA', frame(TYPE.data, 0, 1, 'x')],
      ['HEADERS of the same stream', headers(1, B)],
      ['HEADERS of another stream', headers(3, B)],
      ['PRIORITY', priority(1, 0)],
      ['RST_STREAM', frame(TYPE.reset, 0, 1, words(8))],
      ['SETTINGS', frame(TYPE.settings, 0, 0)],
      ['PING', frame(TYPE.ping, 0, 0, Buffer.alloc(8))],
      ['GOAWAY', frame(TYPE.goaway, 0, 0, Buffer.alloc(8))],
      ['WINDOW_UPDATE', windowUpdate(0, 1)],
      ['CONTINUATION of another stream', frame(TYPE.continuation, END_HEADERS, 3, '')],
      ['CONTINUATION of stream 0', frame(TYPE.continuation, END_HEADERS, 0, '')],
    ] as const
  ).map(([what, between]) =>
    breaks('9113 §4.3', `${what} inside a header block ends the connection`, CODE.protocol, [
      frame(TYPE.headers, END_STREAM, 1, B.subarray(0, 9)),
      between,
    ]),
  ),
  severs('9113 §4.3', 'DATA inside a header block of an upstream ends the connection to it', CODE.protocol, [
    frame(TYPE.headers, 0, 1, block(OK).subarray(0, 3)),
    frame(TYPE.data, 0, 1, 'x'),
  ]),
  severs('9113 §4.3', 'PING inside a header block of an upstream ends the connection to it', CODE.protocol, [
    frame(TYPE.headers, 0, 1, block(OK).subarray(0, 3)),
    frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
  ]),
]

const compression = (name: string, bytes: Uint8Array): Case =>
  breaks('9113 §4.3', name, CODE.compression, [headers(1, Buffer.concat([B, bytes]))])

const hpack: readonly Case[] = [
  compression('index 0 ends the connection with COMPRESSION_ERROR', hex('80')),
  compression('an index beyond the tables ends the connection', hex('be')),
  compression('an index far beyond the tables ends the connection', hex('ffff03')),
  compression('a literal whose name has an index beyond the tables ends the connection', hex('0f80 01 0161')),
  compression('an integer that never ends ends the connection', hex('ffffffffffffffffffff')),
  compression('a string that is longer than its block ends the connection', hex('00 01 78 7f 00')),
  compression('a literal without a value ends the connection', hex('00 01 78')),
  compression('a literal without a name ends the connection', hex('00')),
  compression('Huffman code with padding longer than 7 bits ends the connection', hex('00 01 78 82 1f ff')),
  compression('Huffman code with padding of zeros ends the connection', hex('00 01 78 81 18')),
  compression('Huffman code with EOS in it ends the connection', hex('00 01 78 84 ff ff ff ff')),
  compression('a table size beyond the one allowed ends the connection', hex('3fe21f')),
  compression('a table size after the first field ends the connection', hex('20')),
  {
    ...breaks('9113 §4.3', 'a table size beyond the default ends the connection', CODE.compression, [
      headers(1, Buffer.concat([hex('3fe21f'), B])),
    ]),
  },
  passesAs('7541 §6.3', 'table sizes before the first field pass', [headers(1, Buffer.concat([hex('20 3fe11f'), B]))]),
  passesAs(
    '7541 §5.2',
    'Huffman-coded fields pass',
    [
      // custom-key: custom-value (RFC 7541 C.4.3)
      headers(1, Buffer.concat([B, hex('00 88 25a849e95ba97d7f 89 25a849e95bb8e8b4bf')])),
    ],
    plus(GET, ['custom-key', 'custom-value']),
  ),
  passesAs(
    '7541 §5.1',
    'an integer with needless zeros passes',
    [
      // A value of 127 bytes, whose length says + 0 in three bytes.
      headers(1, Buffer.concat([B, hex('00 01 78 7f 80 80 00'), Buffer.alloc(127, 'v')])),
    ],
    plus(GET, ['x', 'v'.repeat(127)]),
  ),
  {
    rfc: '7541 §2.3.2',
    name: 'a client that has not acknowledged may use its table, and the upstream sees literals',
    steps: [
      { send: [headers(1, Buffer.concat([B, indexed([['x', 'y']])]))] },
      { sees: [whole(1, plus(GET, ['x', 'y']))] },
      { send: [headers(3, Buffer.concat([B, hex('be')]))] },
      { sees: [whole(3, plus(GET, ['x', 'y']))] },
      ...answered,
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '7541 §4.4',
    name: 'a field larger than the table empties it, and an index into it ends the connection',
    steps: [
      {
        send: [
          headers(
            1,
            Buffer.concat([
              B,
              indexed([
                ['x', 'y'],
                ['z', 'v'.repeat(5000)],
              ]),
            ]),
          ),
        ],
      },
      { sees: [whole(1, plus(GET, ['x', 'y'], ['z', 'v'.repeat(5000)]))] },
      { send: [headers(3, Buffer.concat([B, hex('be')]))] },
      { goaway: CODE.compression },
    ],
  },
  {
    rfc: '7541 §7.1.3',
    name: 'a field that is never indexed stays so, in a request that passes as it is',
    steps: [
      { send: [headers(1, Buffer.concat([B, neverIndexed([['authorization', 'secret']])]))] },
      { sees: [{ ...whole(1, plus(GET, ['authorization', 'secret'])), never: ['authorization'] }] },
      ...answered,
    ],
  },
  {
    rfc: '7541 §7.1.3',
    name: 'a field that is never indexed stays so in a request that gets a key',
    own: 'pr-own',
    steps: [
      { send: [headers(1, Buffer.concat([B, neverIndexed([['authorization', 'secret']])]))] },
      {
        sees: [
          {
            ...whole(1, plus(GET, ['authorization', 'secret'], ['baggage', 'sidetrack=pr-own'])),
            never: ['authorization'],
          },
        ],
      },
      ...answered,
    ],
  },
  {
    rfc: '7541 §7.1.3',
    name: 'a field of a response that is never indexed stays so',
    steps: [
      ...asked,
      { reply: [headers(1, Buffer.concat([block(OK), neverIndexed([['set-cookie', 'secret']])]))] },
      { gets: [{ ...whole(1, plus(OK, ['set-cookie', 'secret'])), never: ['set-cookie'] }] },
    ],
  },
  {
    rfc: '7541 §2.3.2',
    name: 'a response that uses the table reaches the client as literals',
    steps: [
      ...asked,
      { reply: [headers(1, Buffer.concat([block(OK), indexed([['x', 'y']])]))] },
      { gets: [whole(1, plus(OK, ['x', 'y']))] },
    ],
  },
  severs('9113 §4.3', 'a block of an upstream that cannot be decoded ends the connection to it', CODE.compression, [
    headers(1, Buffer.concat([block(OK), hex('80')])),
  ]),
  {
    rfc: '9113 §4.3',
    name: 'a block that is refused changes the table all the same',
    steps: [
      { send: [headers(1, Buffer.concat([block([...GET, ['X', '1']]), indexed([['x', 'y']])]))] },
      { gets: [reset(1, CODE.protocol)] },
      { send: [headers(3, Buffer.concat([B, hex('be')]))] },
      { sees: [whole(3, plus(GET, ['x', 'y']))] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '9113 §4.3',
    name: 'a block of a stream that was reset changes the table all the same',
    steps: [
      { send: [head(1, POST)] },
      { sees: [head(1, POST)] },
      { reply: [reset(1, CODE.cancel)] },
      { gets: [reset(1, CODE.cancel)] },
      { send: [headers(1, indexed([['x', 'y']])), headers(3, Buffer.concat([B, hex('be')]))] },
      { sees: [whole(3, plus(GET, ['x', 'y']))] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
]

export const frames: readonly Case[] = [...headersOf, ...sizes, ...blocks, ...hpack]
