// RFC 9113 §4.1, §4.2 and §5.5: frame headers and their size.

import { GET, OK } from '../../../fixtures/http2/fields.ts'
import {
  type Case,
  type Sent,
  CODE,
  answered,
  asked,
  breaks,
  data,
  head,
  ignores,
  last,
  posting,
  reset,
  severs,
  whole,
} from './case.ts'
import { END_HEADERS, END_STREAM, Frames, PADDED, PRIORITY, TYPE, block, frame, hex, words } from './frames.ts'

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

export const frames: readonly Case[] = [...headersOf, ...sizes]
