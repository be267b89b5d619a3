// RFC 9113 §5: states of streams, their identifiers, how many there may be, and errors that stay on one of them.

import {
  type Case,
  type Sent,
  CODE,
  GET,
  KEYED,
  MARK,
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
import { END_HEADERS, END_STREAM, TYPE, block, frame, priority, windowUpdate, words } from './frames.ts'

const R = 'RST_STREAM'
const rst = (id: number, code: number = CODE.cancel): Sent => frame(TYPE.reset, 0, id, words(code))

const idle: readonly Case[] = [
  breaks('9113 §5.1', 'DATA on an idle stream ends the connection', CODE.protocol, [data(1, 'x')]),
  breaks('9113 §5.1', `${R} on an idle stream ends the connection`, CODE.protocol, [rst(1)]),
  breaks('9113 §5.1', 'WINDOW_UPDATE on an idle stream ends the connection', CODE.protocol, [windowUpdate(1, 1)]),
  breaks('9113 §5.1', 'CONTINUATION on an idle stream ends the connection', CODE.protocol, [
    frame(TYPE.continuation, END_HEADERS, 1, block(GET)),
  ]),
  ignores('9113 §5.1', 'PRIORITY on an idle stream is allowed', [priority(5, 0)]),
  severs('9113 §5.1', 'DATA of an upstream on an idle stream end the connection to it', CODE.protocol, [data(7, 'x')]),
  severs('9113 §5.1', 'HEADERS of an upstream on an idle stream end the connection to it', CODE.protocol, [
    head(7, OK),
  ]),
  severs('9113 §5.1', `${R} of an upstream on an idle stream ends the connection to it`, CODE.protocol, [rst(7)]),
  severs('9113 §5.1', 'WINDOW_UPDATE of an upstream on an idle stream ends the connection to it', CODE.protocol, [
    windowUpdate(7, 1),
  ]),
  severs(
    '9113 §5.1.1',
    'HEADERS of an upstream on a stream that only it could open end the connection to it',
    CODE.protocol,
    [head(2, OK)],
  ),
  severs('9113 §5.1', 'DATA of an upstream on stream 0 end the connection to it', CODE.protocol, [data(0, 'x')]),
]

const halfClosed: readonly Case[] = [
  {
    rfc: '9113 §5.1',
    name: 'DATA after END_STREAM is a stream error STREAM_CLOSED',
    steps: [...asked, { send: [data(1, 'x')] }, { gets: [reset(1, CODE.closed)] }, { sees: [reset(1, CODE.cancel)] }],
  },
  {
    rfc: '9113 §5.1',
    name: 'an empty DATA with END_STREAM after END_STREAM is a stream error STREAM_CLOSED',
    steps: [...asked, { send: [last(1)] }, { gets: [reset(1, CODE.closed)] }, { sees: [reset(1, CODE.cancel)] }],
  },
  {
    rfc: '9113 §5.1',
    name: 'HEADERS after END_STREAM are a stream error STREAM_CLOSED, and other streams go on',
    steps: [
      { send: [whole(1, GET), whole(3, GET)] },
      { sees: [whole(1, GET), whole(3, GET)] },
      { send: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.closed)] },
      { sees: [reset(1, CODE.cancel)] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  ignores('9113 §5.1', 'WINDOW_UPDATE after END_STREAM is allowed', [windowUpdate(1, 1)]),
  ignores('9113 §5.1', 'PRIORITY after END_STREAM is allowed', [priority(1, 0)]),
  {
    rfc: '9113 §5.1',
    name: `${R} after END_STREAM cancels upstream`,
    steps: [...asked, { send: [rst(1)] }, { sees: [reset(1, CODE.cancel)] }],
  },
  {
    rfc: '9113 §5.1',
    name: 'a response may end before its request does',
    steps: [
      ...posting,
      { reply: [head(1, OK), last(1, 'early')] },
      { gets: [head(1, OK), last(1, 'early')] },
      { send: [last(1, 'rest')] },
      { sees: [last(1, 'rest')] },
    ],
  },
  {
    rfc: '9113 §8.1',
    name: 'a response that ends early and RST_STREAM NO_ERROR behind it both pass',
    steps: [
      ...posting,
      { reply: [head(1, OK), last(1, 'early'), reset(1, CODE.no)] },
      { gets: [head(1, OK), last(1, 'early'), reset(1, CODE.no)] },
      { send: [data(1, 'late')] },
    ],
  },
  {
    rfc: '9113 §5.1',
    name: 'DATA of an upstream after END_STREAM are not passed on',
    steps: [
      ...posting,
      { reply: [whole(1, OK), data(1, 'more')] },
      { gets: [whole(1, OK)] },
      { sees: [reset(1, CODE.closed)] },
      { gets: [reset(1, CODE.no)] },
    ],
  },
  {
    rfc: '9113 §5.1',
    name: 'HEADERS of an upstream after END_STREAM are not passed on',
    steps: [
      ...posting,
      { reply: [whole(1, OK), whole(1, [['x', 'y']])] },
      { gets: [whole(1, OK)] },
      { sees: [reset(1, CODE.closed)] },
      { gets: [reset(1, CODE.no)] },
    ],
  },
]

const over = [...asked, ...answered]
const closed: readonly Case[] = [
  {
    rfc: '9113 §5.1',
    name: 'DATA on a stream that is over is answered with STREAM_CLOSED',
    steps: [...over, { send: [data(1, 'x')] }, { gets: [reset(1, CODE.closed)] }],
  },
  breaks(
    '9113 §5.1',
    'HEADERS on a stream that is over end the connection with STREAM_CLOSED',
    CODE.closed,
    [whole(1, GET)],
    over,
  ),
  {
    rfc: '9113 §5.1',
    name: 'WINDOW_UPDATE on a stream that is over is ignored',
    steps: [...over, { send: [windowUpdate(1, 1)] }],
  },
  { rfc: '9113 §5.1', name: `${R} on a stream that is over is ignored`, steps: [...over, { send: [rst(1)] }] },
  {
    rfc: '9113 §5.1',
    name: 'PRIORITY on a stream that is over is ignored',
    steps: [...over, { send: [priority(1, 0)] }],
  },
  {
    rfc: '9113 §5.1',
    name: 'what was on its way to a stream that the upstream reset is ignored',
    steps: [
      ...posting,
      { reply: [reset(1, CODE.refused)] },
      { gets: [reset(1, CODE.refused)] },
      { send: [data(1, 'x'), windowUpdate(1, 1), head(1, [['x', 'y']], true), rst(1)] },
    ],
  },
  {
    rfc: '9113 §5.1',
    name: 'what was on its way to a stream that was refused as malformed is ignored',
    steps: [
      { send: [head(1, plus(POST, ['X', '1'])), data(1, 'x'), whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
    ],
  },
  {
    rfc: '9113 §5.1',
    name: 'a reset stream’s late trailers are ignored, however many streams were reset after it',
    steps: [
      { send: Array.from({ length: 600 }, (_, index) => head(2 * index + 1, plus(POST, ['X', '1']))) },
      { gets: Array.from({ length: 600 }, (_, index) => reset(2 * index + 1, CODE.protocol)) },
      { send: Array.from({ length: 600 }, (_, index) => head(2 * index + 1, [['x', 'y']], true)) },
    ],
  },
  {
    rfc: '9113 §5.1',
    name: 'what an upstream sends on a stream that the client has cancelled is not passed on',
    steps: [
      ...asked,
      { send: [rst(1)] },
      { sees: [reset(1, CODE.cancel)] },
      { reply: [head(1, OK), data(1, 'late'), whole(1, [['x', 'y']]), windowUpdate(1, 1)] },
    ],
  },
]

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

export const streams: readonly Case[] = [...idle, ...halfClosed, ...closed, ...ids, ...many]
