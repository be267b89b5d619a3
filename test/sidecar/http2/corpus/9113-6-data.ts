// RFC 9113 §6.1, §6.2 and §6.10: DATA, HEADERS and CONTINUATION.

import { GET, OK } from '../../../fixtures/http2/fields.ts'
import { type Case, CODE, answered, asked, breaks, data, head, last, posting, severs, whole } from './case.ts'
import { END_HEADERS, END_STREAM, PADDED, PRIORITY, TYPE, block, frame, words } from './frames.ts'

const B = block(GET)
const padded = (bytes: Uint8Array, length: number, fill = 0): Buffer =>
  Buffer.concat([Buffer.of(length), bytes, Buffer.alloc(length, fill)])

const dataFrames: readonly Case[] = [
  breaks('9113 §6.1', 'DATA on stream 0 end the connection', CODE.protocol, [data(0, 'x')]),
  breaks(
    '9113 §6.1',
    'padding as long as its DATA frame ends the connection',
    CODE.protocol,
    [frame(TYPE.data, PADDED, 1, Buffer.of(5, 0, 0, 0, 0))],
    posting,
  ),
  breaks(
    '9113 §6.1',
    'padding longer than its DATA frame ends the connection',
    CODE.protocol,
    [frame(TYPE.data, PADDED, 1, Buffer.of(255, 0))],
    posting,
  ),
  {
    rfc: '9113 §6.1',
    name: 'padded DATA pass',
    steps: [
      ...posting,
      { send: [frame(TYPE.data, PADDED | END_STREAM, 1, padded(Buffer.from('hello'), 255))] },
      { sees: [last(1, 'hello')] },
      { reply: [head(1, OK), frame(TYPE.data, PADDED | END_STREAM, 1, padded(Buffer.from('ok'), 9))] },
      { gets: [head(1, OK), last(1, 'ok')] },
    ],
  },
  {
    rfc: '9113 §6.1',
    name: 'DATA that are nothing but padding end a stream',
    steps: [
      ...posting,
      { send: [frame(TYPE.data, PADDED | END_STREAM, 1, padded(Buffer.alloc(0), 3))] },
      { sees: [last(1)] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §6.1',
    name: 'padding that is not zero is zero behind the sidecar',
    steps: [
      ...posting,
      { send: [frame(TYPE.data, PADDED | END_STREAM, 1, padded(Buffer.from('hello'), 9, 0x41))] },
      { sees: [last(1, 'hello')] },
      { reply: [head(1, OK), frame(TYPE.data, PADDED | END_STREAM, 1, padded(Buffer.from('ok'), 9, 0x41))] },
      { gets: [head(1, OK), last(1, 'ok')] },
    ],
  },
  {
    rfc: '9113 §6.1',
    name: 'empty DATA without END_STREAM change nothing',
    steps: [
      ...posting,
      { send: [data(1, ''), data(1, 'x'), data(1, ''), last(1)] },
      { sees: [last(1, 'x')] },
      ...answered,
    ],
  },
  severs('9113 §6.1', 'padding longer than an upstream’s DATA ends the connection to it', CODE.protocol, [
    frame(TYPE.data, PADDED, 1, Buffer.of(9, 0)),
  ]),
]

const headerFrames: readonly Case[] = [
  {
    rfc: '9113 §6.2',
    name: 'padded HEADERS pass',
    steps: [
      { send: [frame(TYPE.headers, END_HEADERS | END_STREAM | PADDED, 1, padded(B, 100))] },
      { sees: [whole(1, GET)] },
      { reply: [frame(TYPE.headers, END_HEADERS | END_STREAM | PADDED, 1, padded(block(OK), 100))] },
      { gets: [whole(1, OK)] },
      { send: [frame(TYPE.headers, END_HEADERS | END_STREAM | PADDED, 3, padded(B, 7, 0x41))] },
      { sees: [whole(3, GET)] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '9113 §6.2',
    name: 'HEADERS with padding, priority and CONTINUATION pass',
    steps: [
      {
        send: [
          frame(
            TYPE.headers,
            END_STREAM | PADDED | PRIORITY,
            1,
            padded(Buffer.concat([words(3), Buffer.of(7), B.subarray(0, 20)]), 4),
          ),
          frame(TYPE.continuation, END_HEADERS, 1, B.subarray(20)),
        ],
      },
      { sees: [whole(1, GET)] },
      ...answered,
    ],
  },
  breaks('9113 §6.2', 'padding longer than its HEADERS frame ends the connection', CODE.protocol, [
    frame(TYPE.headers, END_HEADERS | PADDED, 1, Buffer.of(200, 0, 0)),
  ]),
  breaks('9113 §6.2', 'padding that leaves no room for the priority ends the connection', CODE.protocol, [
    frame(TYPE.headers, END_HEADERS | PADDED | PRIORITY, 1, Buffer.of(3, 0, 0, 0, 0, 0, 0, 0)),
  ]),
  severs('9113 §6.2', 'HEADERS of an upstream on stream 0 end the connection to it', CODE.protocol, [head(0, OK)]),
  breaks('9113 §6.10', 'CONTINUATION on stream 0 ends the connection', CODE.protocol, [
    frame(TYPE.continuation, END_HEADERS, 0, B),
  ]),
  breaks(
    '9113 §6.10',
    'CONTINUATION after the end of its block ends the connection',
    CODE.protocol,
    [frame(TYPE.continuation, END_HEADERS, 1, 'x')],
    asked,
  ),
  breaks(
    '9113 §6.10',
    'CONTINUATION after DATA ends the connection',
    CODE.protocol,
    [frame(TYPE.continuation, END_HEADERS, 1, 'x')],
    [...posting, { send: [data(1, 'y')] }, { sees: [data(1, 'y')] }],
  ),
  severs('9113 §6.10', 'CONTINUATION of an upstream without HEADERS ends the connection to it', CODE.protocol, [
    frame(TYPE.continuation, END_HEADERS, 1, block(OK)),
  ]),
  {
    rfc: '9113 §6.2',
    name: 'END_STREAM in CONTINUATION means nothing',
    steps: [
      {
        send: [
          frame(TYPE.headers, 0, 1, B.subarray(0, 9)),
          frame(TYPE.continuation, END_HEADERS | END_STREAM, 1, B.subarray(9)),
        ],
      },
      { sees: [head(1, GET)] },
      { send: [last(1)] },
      { sees: [last(1)] },
      ...answered,
    ],
  },
]

export const dataAndHeaders: readonly Case[] = [...dataFrames, ...headerFrames]
