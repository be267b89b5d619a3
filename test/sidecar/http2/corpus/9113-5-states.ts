// RFC 9113 §5.1: what may come in each state of a stream.

import { GET, OK, POST, plus } from '../../../fixtures/http2/fields.ts'
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
import { END_HEADERS, TYPE, block, frame, priority, windowUpdate, words } from './frames.ts'

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

export const states: readonly Case[] = [...idle, ...halfClosed, ...closed]
