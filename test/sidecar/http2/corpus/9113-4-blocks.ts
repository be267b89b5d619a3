// RFC 9113 §4.3: header blocks in pieces, and what may not stand between these.

import { GET, OK, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, type Sent, CODE, answered, asked, breaks, severs, whole } from './case.ts'
import { END_HEADERS, END_STREAM, TYPE, block, frame, headers, priority, windowUpdate, words } from './frames.ts'

const B = block(GET)

const passesAs = (rfc: string, name: string, frames: readonly Sent[], fields = GET): Case => ({
  rfc,
  name,
  steps: [{ send: frames }, { sees: [whole(1, fields)] }, ...answered],
})
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

export const blocks: readonly Case[] = [
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
