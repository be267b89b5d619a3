// RFC 9113 §5.1.1 to §5.4: identifiers of streams, how many there may be, priorities, and errors that stay on one of them.

import { GET, OK, POST, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, type Sent, CODE, KEYED, MARK, answered, asked, breaks, data, head, reset, whole } from './case.ts'
import { END_HEADERS, END_STREAM, TYPE, block, frame, words } from './frames.ts'

const rst = (id: number, code: number = CODE.cancel): Sent => frame(TYPE.reset, 0, id, words(code))
const ids: readonly Case[] = [
  breaks('9113 §5.1.1', 'HEADERS on an even stream end the connection', CODE.protocol, [whole(2, GET)]),
  breaks('9113 §5.1.1', 'HEADERS on stream 0 end the connection', CODE.protocol, [whole(0, GET)]),
  breaks(
    '9113 §5.1.1',
    'a stream whose id is lower than the last one ends the connection',
    CODE.protocol,
    [whole(3, GET)],
    [{ send: [whole(5, GET)] }, { sees: [whole(5, GET)] }],
  ),
  {
    rfc: '9113 §5.1.1',
    name: 'ids may leave others out',
    steps: [
      { send: [whole(1, GET), whole(7, GET), whole(1001, GET)] },
      { sees: [whole(1, GET), whole(7, GET), whole(1001, GET)] },
      { reply: [whole(1001, OK), whole(7, OK), whole(1, OK)] },
      { gets: [whole(1, OK), whole(7, OK), whole(1001, OK)] },
    ],
  },
  breaks(
    '9113 §5.1.1',
    'HEADERS on a stream that was left out end the connection',
    CODE.protocol,
    [whole(1, GET)],
    [{ send: [whole(3, GET)] }, { sees: [whole(3, GET)] }],
  ),
  {
    rfc: '9113 §5.1.1',
    name: 'the last id there is may be used',
    steps: [
      { send: [whole(1, GET)] },
      { sees: [whole(1, GET)] },
      ...answered,
      { send: [whole(0x7fff_fffd, GET)] },
      { sees: [whole(0x7fff_fffd, GET)] },
      { reply: [whole(0x7fff_fffd, OK)] },
      { gets: [whole(0x7fff_fffd, OK)] },
    ],
  },
]

const FORKED = plus(OK, MARK)
const many: readonly Case[] = [
  {
    rfc: '9113 §5.1.2',
    name: 'requests beyond what an upstream takes at once wait for a place',
    upstreamSettings: [[3, 1]],
    steps: [
      { send: [whole(1, GET), whole(3, GET)] },
      { sees: [whole(1, GET)] },
      ...answered,
      { sees: [whole(3, GET)] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '9113 §5.1.2',
    name: 'an upstream’s REFUSED_STREAM reaches the client',
    steps: [...asked, { reply: [reset(1, CODE.refused)] }, { gets: [reset(1, CODE.refused)] }],
  },
  {
    rfc: '9113 §5.4.2',
    name: 'a stream error in one request leaves those beside it alone',
    steps: [
      { send: [whole(1, GET), whole(3, plus(GET, ['X', '1'])), whole(5, KEYED)] },
      { gets: [reset(3, CODE.protocol)] },
      { sees: [whole(1, GET)] },
      { sees: [whole(5, KEYED)], at: 'pr-42' },
      ...answered,
      { reply: [whole(5, OK)], at: 'pr-42' },
      { gets: [whole(5, FORKED)] },
    ],
  },
  {
    rfc: '9113 §5.4.1',
    name: 'an upstream’s connection error leaves streams of other upstreams alone',
    steps: [
      { send: [whole(1, GET), whole(3, KEYED)] },
      { sees: [whole(1, GET)] },
      { sees: [whole(3, KEYED)], at: 'pr-42' },
      { reply: [frame(TYPE.ping, 0, 0, 'short')], at: 'pr-42' },
      { answered: { id: 3, status: '502', code: 'ST1104' } },
      { goaway: CODE.size, at: 'pr-42' },
      ...answered,
    ],
  },
  {
    rfc: '9113 §5.3',
    name: 'HEADERS with a priority pass without it',
    steps: [
      ...asked,
      ...answered,
      {
        send: [
          frame(
            TYPE.headers,
            END_HEADERS | END_STREAM | 0x20,
            3,
            Buffer.concat([words(0x8000_0001), Buffer.of(255), block(GET)]),
          ),
        ],
      },
      { sees: [whole(3, GET)] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  breaks('9113 §5.3', 'a stream that depends on itself ends the connection, as RFC 7540 allowed', CODE.protocol, [
    frame(TYPE.headers, END_HEADERS | END_STREAM | 0x20, 1, Buffer.concat([words(1), Buffer.of(1), block(GET)])),
  ]),
  {
    rfc: '9113 §5.3',
    name: 'the header field priority passes',
    steps: [
      { send: [whole(1, plus(GET, ['priority', 'u=1, i']))] },
      { sees: [whole(1, plus(GET, ['priority', 'u=1, i']))] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §5.4.2',
    name: 'a client’s code passes upstream, even one that nobody knows',
    steps: [...asked, { send: [rst(1, 0xdead_beef)] }, { sees: [reset(1, 0xdead_beef)] }],
  },
  {
    rfc: '9113 §7',
    name: 'an upstream’s code passes to the client, even one that nobody knows',
    steps: [...asked, { reply: [reset(1, 0xdead_beef)] }, { gets: [reset(1, 0xdead_beef)] }],
  },
  {
    rfc: '9113 §7',
    name: 'an upstream’s reset in mid-response passes with its code',
    steps: [
      ...asked,
      { reply: [head(1, OK), data(1, 'half'), reset(1, CODE.internal)] },
      { gets: [head(1, OK), data(1, 'half'), reset(1, CODE.internal)] },
    ],
  },
  {
    rfc: '9113 §7',
    name: 'HTTP_1_1_REQUIRED passes to the client',
    steps: [...asked, { reply: [reset(1, 13)] }, { gets: [reset(1, 13)] }],
  },
  {
    rfc: '9113 §5.1',
    name: 'RST_STREAM right behind HEADERS cancels what has begun',
    steps: [
      { send: [head(1, POST)] },
      { sees: [head(1, POST)] },
      { send: [data(1, 'x'), rst(1)] },
      { sees: [data(1, 'x'), reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §5.1',
    name: 'a stream cancelled before its upstream is there never reaches it',
    upstreamSettings: 'none',
    steps: [{ send: [head(1, POST), data(1, 'x'), rst(1)] }, { reply: [frame(TYPE.settings, 0, 0)] }],
  },
]

export const streams: readonly Case[] = [...ids, ...many]
