// RFC 9113 §6: what each type of frame may hold, and where it may stand.

import {
  type Case,
  type Step,
  CODE,
  GET,
  KEYED,
  OK,
  POST,
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
  spoils,
  whole,
} from './case.ts'
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  PADDED,
  PRIORITY,
  SETTINGS_ACK,
  TYPE,
  block,
  frame,
  goaway,
  ping,
  priority,
  settings,
  windowUpdate,
  words,
} from './frames.ts'

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

const priorities: readonly Case[] = [
  breaks('9113 §6.3', 'PRIORITY on stream 0 ends the connection', CODE.protocol, [priority(0, 1)]),
  {
    rfc: '9113 §6.3',
    name: 'PRIORITY of four bytes is a stream error FRAME_SIZE_ERROR',
    steps: [
      ...asked,
      { send: [frame(TYPE.priority, 0, 1, words(0))] },
      { gets: [reset(1, CODE.size)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §6.3',
    name: 'PRIORITY of six bytes is a stream error FRAME_SIZE_ERROR',
    steps: [
      ...asked,
      { send: [frame(TYPE.priority, 0, 1, Buffer.alloc(6))] },
      { gets: [reset(1, CODE.size)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  ignores('9113 §6.3', 'PRIORITY is not passed on', [priority(1, 0, 255), priority(3, 1), priority(2, 0)]),
  {
    rfc: '9113 §6.3',
    name: 'PRIORITY of an upstream is not passed on',
    steps: [...asked, { reply: [priority(1, 0)] }, ...answered],
  },
  severs('9113 §6.3', 'PRIORITY of an upstream on stream 0 ends the connection to it', CODE.protocol, [priority(0, 1)]),
]

const resets: readonly Case[] = [
  breaks('9113 §6.4', 'RST_STREAM on stream 0 ends the connection', CODE.protocol, [frame(TYPE.reset, 0, 0, words(8))]),
  breaks(
    '9113 §6.4',
    'RST_STREAM of three bytes ends the connection',
    CODE.size,
    [frame(TYPE.reset, 0, 1, 'abc')],
    asked,
  ),
  breaks(
    '9113 §6.4',
    'RST_STREAM of five bytes ends the connection',
    CODE.size,
    [frame(TYPE.reset, 0, 1, 'abcde')],
    asked,
  ),
  severs('9113 §6.4', 'RST_STREAM of an upstream on stream 0 ends the connection to it', CODE.protocol, [
    frame(TYPE.reset, 0, 0, words(8)),
  ]),
  severs('9113 §6.4', 'RST_STREAM of an upstream of three bytes ends the connection to it', CODE.size, [
    frame(TYPE.reset, 0, 1, 'abc'),
  ]),
]

const setting = (name: string, code: number, id: number, value: number): readonly Case[] => [
  breaks('9113 §6.5.2', `${name} ends the connection`, code, [settings([[id, value]])]),
  severs('9113 §6.5.2', `${name} of an upstream ends the connection to it`, code, [settings([[id, value]])]),
]

const settingsFrames: readonly Case[] = [
  {
    rfc: '9113 §6.5',
    name: 'SETTINGS in mid-connection are acknowledged',
    steps: [...asked, { send: [settings([[3, 7]])] }, { told: SETTINGS_ACK }, ...answered],
  },
  breaks('9113 §6.5', 'SETTINGS on a stream end the connection', CODE.protocol, [frame(TYPE.settings, 0, 1)], asked),
  breaks('9113 §6.5', 'SETTINGS of five bytes end the connection', CODE.size, [frame(TYPE.settings, 0, 0, 'abcde')]),
  breaks('9113 §6.5', 'an acknowledgement with a payload ends the connection', CODE.size, [
    frame(TYPE.settings, ACK, 0, Buffer.alloc(6)),
  ]),
  breaks(
    '9113 §6.5',
    'an acknowledgement on a stream ends the connection',
    CODE.protocol,
    [frame(TYPE.settings, ACK, 1)],
    asked,
  ),
  severs('9113 §6.5', 'SETTINGS of an upstream on a stream end the connection to it', CODE.protocol, [
    frame(TYPE.settings, 0, 1),
  ]),
  severs('9113 §6.5', 'SETTINGS of an upstream of five bytes end the connection to it', CODE.size, [
    frame(TYPE.settings, 0, 0, 'abcde'),
  ]),
  severs('9113 §6.5', 'an acknowledgement of an upstream with a payload ends the connection to it', CODE.size, [
    frame(TYPE.settings, ACK, 0, Buffer.alloc(6)),
  ]),
  severs('9113 §6.5', 'an acknowledgement of an upstream on a stream ends the connection to it', CODE.protocol, [
    frame(TYPE.settings, ACK, 1),
  ]),
  ...setting('ENABLE_PUSH 2', CODE.protocol, 2, 2),
  ...setting('INITIAL_WINDOW_SIZE 2^31', CODE.flow, 4, 0x8000_0000),
  ...setting('MAX_FRAME_SIZE 16,383', CODE.protocol, 5, 16_383),
  ...setting('MAX_FRAME_SIZE 2^24', CODE.protocol, 5, 0x100_0000),
  ...setting('ENABLE_CONNECT_PROTOCOL 2', CODE.protocol, 8, 2),
  severs('9113 §6.5.2', 'ENABLE_PUSH 1 of an upstream ends the connection to it', CODE.protocol, [settings([[2, 1]])]),
  ignores('9113 §6.5.2', 'ENABLE_PUSH 1 of a client promises nothing', [settings([[2, 1]])]),
  ignores('9113 §6.5.2', 'an unknown setting is ignored', [
    settings([
      [0x1234, 0xffff_ffff],
      [0, 0],
    ]),
  ]),
  ignores('9113 §6.5.3', 'the last value of a setting that comes twice counts', [
    settings([
      [4, 0],
      [4, 65_535],
    ]),
  ]),
  {
    rfc: '9113 §6.5.2',
    name: 'a client that allows no stream at once still gets its answers',
    settings: [[3, 0]],
    steps: [...asked, ...answered],
  },
  {
    rfc: '9113 §6.5.2',
    name: 'a client’s ENABLE_PUSH is not passed on: upstreams must not push',
    settings: [[2, 1]],
    steps: [...asked, ...answered],
  },
]

const pushes: readonly Case[] = [
  breaks(
    '9113 §6.6',
    'PUSH_PROMISE of a client ends the connection',
    CODE.protocol,
    [frame(TYPE.push, END_HEADERS, 1, Buffer.concat([words(2), B]))],
    asked,
  ),
  severs('9113 §6.6', 'PUSH_PROMISE of an upstream ends the connection to it', CODE.protocol, [
    frame(TYPE.push, END_HEADERS, 1, Buffer.concat([words(2), B])),
  ]),
  severs('9113 §6.6', 'PUSH_PROMISE of an upstream on stream 0 ends the connection to it', CODE.protocol, [
    frame(TYPE.push, END_HEADERS, 0, Buffer.concat([words(2), B])),
  ]),
]

const pings: readonly Case[] = [
  {
    rfc: '9113 §6.7',
    name: 'PING is answered with its payload',
    steps: [...asked, { send: [ping('12345678')] }, { told: ping('12345678', ACK) }, ...answered],
  },
  {
    rfc: '9113 §6.7',
    name: 'flags of PING that mean nothing are ignored',
    steps: [...asked, { send: [ping('12345678', 0xfe)] }, { told: ping('12345678', ACK) }, ...answered],
  },
  {
    rfc: '9113 §6.7',
    name: 'PING of an upstream is answered with its payload',
    steps: [...asked, { reply: [ping('12345678')] }, { told: ping('12345678', ACK), at: 'baseline' }, ...answered],
  },
  ignores('9113 §6.7', 'an acknowledgement that nobody asked for is ignored', [ping('12345678', ACK)]),
  breaks('9113 §6.7', 'PING on a stream ends the connection', CODE.protocol, [ping('12345678', 0, 1)], asked),
  breaks(
    '9113 §6.7',
    'an acknowledgement of PING on a stream ends the connection',
    CODE.protocol,
    [ping('12345678', ACK, 1)],
    asked,
  ),
  breaks('9113 §6.7', 'PING of seven bytes ends the connection', CODE.size, [ping('1234567')]),
  breaks('9113 §6.7', 'PING of nine bytes ends the connection', CODE.size, [ping('123456789')]),
  breaks('9113 §6.7', 'an acknowledgement of PING of no bytes ends the connection', CODE.size, [ping('', ACK)]),
  severs('9113 §6.7', 'PING of an upstream on a stream ends the connection to it', CODE.protocol, [
    ping('12345678', 0, 1),
  ]),
  severs('9113 §6.7', 'PING of an upstream of seven bytes ends the connection to it', CODE.size, [ping('1234567')]),
]

const afterGoaway: readonly Step[] = [
  { send: [whole(3, GET)] },
  { sees: [whole(3, GET)] },
  { reply: [whole(3, OK)] },
  { gets: [whole(3, OK)] },
]
const goaways: readonly Case[] = [
  ignores('9113 §6.8', 'GOAWAY of a client leaves its open streams', [goaway(0, CODE.no, 'bye')]),
  ignores('9113 §6.8', 'GOAWAY of a client with an error leaves its open streams', [goaway(0, CODE.internal)]),
  ignores('9113 §6.8', 'GOAWAY of a client with an unknown code leaves its open streams', [goaway(0, 0xffff_ffff)]),
  breaks('9113 §6.8', 'GOAWAY on a stream ends the connection', CODE.protocol, [goaway(0, 0, '', 1)], asked),
  breaks('9113 §6.8', 'GOAWAY of seven bytes ends the connection', CODE.size, [frame(TYPE.goaway, 0, 0, '1234567')]),
  severs('9113 §6.8', 'GOAWAY of an upstream on a stream ends the connection to it', CODE.protocol, [
    goaway(1, 0, '', 1),
  ]),
  severs('9113 §6.8', 'GOAWAY of an upstream of seven bytes ends the connection to it', CODE.size, [
    frame(TYPE.goaway, 0, 0, '1234567'),
  ]),
  {
    rfc: '9113 §6.8',
    name: 'GOAWAY of an upstream lets what it has taken finish, and new streams go to a new connection',
    steps: [...asked, { reply: [goaway(1, CODE.no)] }, ...afterGoaway, ...answered],
  },
  {
    rfc: '9113 §6.8',
    name: 'streams that GOAWAY of an upstream leaves out are refused, so that they may be sent again',
    steps: [
      { send: [whole(1, GET), whole(3, GET)] },
      { sees: [whole(1, GET), whole(3, GET)] },
      { reply: [goaway(1, CODE.no)] },
      { gets: [reset(3, CODE.refused)] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §6.8',
    name: 'GOAWAY of an upstream comes twice, the second with a lower id',
    steps: [
      { send: [whole(1, GET), whole(3, GET)] },
      { sees: [whole(1, GET), whole(3, GET)] },
      { reply: [goaway(0x7fff_ffff, CODE.no), goaway(1, CODE.no)] },
      { gets: [reset(3, CODE.refused)] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §6.8',
    name: 'GOAWAY of an upstream with an error lets what it has taken finish',
    steps: [...asked, { reply: [goaway(1, CODE.calm, 'too_many_pings')] }, ...answered],
  },
]

const big = 'x'.repeat(16_000)
const windows: readonly Case[] = [
  breaks('9113 §6.9', 'WINDOW_UPDATE of 0 for the connection ends it', CODE.protocol, [windowUpdate(0, 0)]),
  breaks('9113 §6.9', 'WINDOW_UPDATE of the reserved bit alone is one of 0', CODE.protocol, [
    windowUpdate(0, 0x8000_0000),
  ]),
  breaks('9113 §6.9', 'WINDOW_UPDATE of three bytes ends the connection', CODE.size, [frame(TYPE.window, 0, 0, 'abc')]),
  breaks('9113 §6.9', 'WINDOW_UPDATE of five bytes ends the connection', CODE.size, [
    frame(TYPE.window, 0, 0, 'abcde'),
  ]),
  breaks('9113 §6.9.1', 'a connection window above 2^31 - 1 ends the connection', CODE.flow, [
    windowUpdate(0, 0x7fff_ffff),
  ]),
  {
    rfc: '9113 §6.9',
    name: 'WINDOW_UPDATE of 0 on a stream is a stream error',
    steps: [
      ...asked,
      { send: [windowUpdate(1, 0)] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §6.9.1',
    name: 'a stream window above 2^31 - 1 is a stream error',
    steps: [
      ...asked,
      { send: [windowUpdate(1, 0x7fff_ffff)] },
      { gets: [reset(1, CODE.flow)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  spoils('9113 §6.9', 'WINDOW_UPDATE of 0 of an upstream on a stream is a stream error', [windowUpdate(1, 0)]),
  {
    rfc: '9113 §6.9.1',
    name: 'a stream window above 2^31 - 1 of an upstream is a stream error',
    steps: [
      ...posting,
      { reply: [windowUpdate(1, 0x7fff_ffff)] },
      { answered: { id: 1, status: '502', code: 'ST1104' } },
      { sees: [reset(1, CODE.flow)] },
    ],
  },
  severs('9113 §6.9', 'WINDOW_UPDATE of 0 of an upstream for the connection ends it', CODE.protocol, [
    windowUpdate(0, 0),
  ]),
  severs('9113 §6.9.1', 'a connection window of an upstream above 2^31 - 1 ends the connection to it', CODE.flow, [
    windowUpdate(0, 0x7fff_ffff),
  ]),
  severs('9113 §6.9', 'WINDOW_UPDATE of an upstream of three bytes ends the connection to it', CODE.size, [
    frame(TYPE.window, 0, 0, 'abc'),
  ]),
  {
    rfc: '9113 §6.9.2',
    name: 'a client’s initial window of 0 holds DATA back, and HEADERS pass',
    settings: [[4, 0]],
    steps: [
      ...asked,
      { reply: [head(1, OK), last(1, 'ok')] },
      { gets: [head(1, OK)] },
      { send: [windowUpdate(1, 1)] },
      { gets: [data(1, 'o')] },
      { send: [windowUpdate(1, 1)] },
      { gets: [last(1, 'k')] },
    ],
  },
  {
    rfc: '9113 §6.9.2',
    name: 'an upstream’s initial window of 0 holds DATA back, and HEADERS pass',
    upstreamSettings: [[4, 0]],
    steps: [
      { send: [head(1, POST), last(1, 'hi')] },
      { sees: [head(1, POST)] },
      { reply: [windowUpdate(1, 2)] },
      { sees: [last(1, 'hi')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §6.9.1',
    name: 'an empty DATA with END_STREAM passes a window of 0',
    upstreamSettings: [[4, 0]],
    steps: [{ send: [head(1, POST), last(1)] }, { sees: [head(1, POST), last(1)] }, ...answered],
  },
  {
    rfc: '9113 §6.9.1',
    name: 'trailers pass a window of 0',
    settings: [[4, 0]],
    steps: [
      ...asked,
      { reply: [head(1, OK), whole(1, [['grpc-status', '0']])] },
      { gets: [head(1, OK), whole(1, [['grpc-status', '0']])] },
    ],
  },
  {
    rfc: '9113 §6.9.2',
    name: 'an initial window that shrinks makes windows negative',
    steps: [
      ...asked,
      { reply: [head(1, OK), data(1, big)] },
      { gets: [head(1, OK), data(1, big)] },
      { send: [settings([[4, 16_000]])] },
      { told: SETTINGS_ACK },
      { reply: [data(1, 'held', true)] },
      { send: [windowUpdate(1, 2)] },
      { gets: [data(1, 'he')] },
      { send: [settings([[4, 16_002]])] },
      { gets: [last(1, 'ld')] },
    ],
  },
  breaks(
    '9113 §6.9.2',
    'an initial window that makes a stream’s window too large ends the connection',
    CODE.flow,
    [windowUpdate(1, 0x7fff_0000), settings([[4, 0x7fff_ffff]])],
    asked,
  ),
  {
    rfc: '9113 §6.9.1',
    name: 'more DATA than a stream’s window are a stream error',
    steps: [
      ...posting,
      { send: [data(1, big), data(1, big), data(1, big), data(1, big), data(1, 'y'.repeat(1536))] },
      { sees: [data(1, big + big + big + big)] },
      { gets: [reset(1, CODE.flow)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §6.9',
    name: 'a client’s credit reaches the upstream of its stream',
    steps: [
      { send: [whole(1, KEYED)] },
      { sees: [whole(1, KEYED)], at: 'pr-42' },
      { send: [windowUpdate(1, 777)] },
      { told: windowUpdate(1, 777), at: 'pr-42' },
      { send: [reset(1, CODE.cancel)] },
      { sees: [reset(1, CODE.cancel)], at: 'pr-42' },
    ],
  },
]

export const frameTypes: readonly Case[] = [
  ...dataFrames,
  ...headerFrames,
  ...priorities,
  ...resets,
  ...settingsFrames,
  ...pushes,
  ...pings,
  ...goaways,
  ...windows,
]
