// RFC 9113 §10: what costs more than it carries. The limits are the sidecar's own; the guide names them.

import { type Fields, GET, OK, POST, plus } from '../../../fixtures/http2/fields.ts'
import {
  type Case,
  type Sent,
  CODE,
  KEYED,
  MARK,
  answered,
  asked,
  breaks,
  data,
  head,
  last,
  passes,
  posting,
  reset,
  spoils,
  whole,
} from './case.ts'
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  Frames,
  PADDED,
  TYPE,
  block,
  frame,
  headers,
  hex,
  indexed,
  ping,
  priority,
  settings,
  windowUpdate,
  words,
} from './frames.ts'

const many = (count: number, of: (index: number) => Frames): Frames =>
  new Frames(Buffer.concat(Array.from({ length: count }, (_, index) => of(index).bytes)))
const numbered = (count: number): Fields => Array.from({ length: count }, (_, index) => ['x', String(index)] as const)
const B = block(GET)

const flood = (name: string, each: Frames, before = asked): Case =>
  breaks(
    '9113 §10.5',
    `a flood of ${name} ends the connection with ENHANCE_YOUR_CALM`,
    CODE.calm,
    [many(10_100, () => each)],
    before,
  )

const tooLarge = (name: string, sent: readonly Sent[]): Case => ({
  rfc: '9113 §10.5.1',
  name,
  steps: [{ send: sent }, { answered: { id: 1, status: '431', code: 'ST1002' } }],
})

/** A table entry of 4,000 bytes, and indexes of it: 40 KB that ask for 1.6 MB. */
const bomb = (count: number): Buffer =>
  Buffer.concat([B, indexed([['x', 'v'.repeat(3_900)]]), Buffer.alloc(count, 0xbe)])

const lists: readonly Case[] = [
  passes('9113 §10.5.1', 'a header list of 1,000 fields passes', plus(GET, ...numbered(996))),
  tooLarge('a header list of 1,001 fields gets a 431', [whole(1, plus(GET, ...numbered(997)))]),
  tooLarge('a small block that unfolds to more than 128 KiB gets a 431', [headers(1, bomb(60))]),
  tooLarge('a block of 60,000 indexes of a large field gets a 431', [headers(1, bomb(60_000))]),
  tooLarge('a header list that is too large gets a 431 though its body is still to come', [
    headers(1, bomb(60), 0),
    data(1, 'late'),
    whole(1, [['x', 'y']]),
  ]),
  breaks('9113 §10.5.1', 'a block of more than 64 KiB ends the connection', CODE.calm, [
    headers(1, block(plus(GET, ...Array.from({ length: 5 }, () => ['x', 'v'.repeat(14_000)] as const)))),
  ]),
  breaks('9113 §10.5', 'a block in more than 64 frames ends the connection', CODE.calm, [
    frame(TYPE.headers, END_STREAM, 1, B),
    many(100, () => frame(TYPE.continuation, 0, 1, hex('00 01 78 00'))),
  ]),
  breaks('9113 §10.5', 'a block of empty CONTINUATION frames ends the connection', CODE.calm, [
    frame(TYPE.headers, END_STREAM, 1, B),
    many(100, () => frame(TYPE.continuation, 0, 1, '')),
  ]),
  spoils('9113 §10.5.1', 'a response head of 1,001 fields becomes 502', [whole(1, plus(OK, ...numbered(1000)))]),
  {
    rfc: '9113 §10.5.1',
    name: 'trailers of 1,001 fields end their stream',
    steps: [
      ...posting,
      { send: [whole(1, numbered(1001))] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
]

const floods: readonly Case[] = [
  flood('PING', ping()),
  flood('PING acknowledgements', ping('payload!', ACK)),
  flood('SETTINGS', settings([[4, 65_535]])),
  flood('SETTINGS acknowledgements', frame(TYPE.settings, ACK, 0)),
  flood('PRIORITY', priority(1, 0)),
  flood('PRIORITY on idle streams', priority(99, 0)),
  flood('unknown frames', frame(0xbe, 0, 0, '')),
  flood('empty DATA', frame(TYPE.data, 0, 1, ''), posting),
  flood('DATA that are nothing but padding', frame(TYPE.data, PADDED, 1, Buffer.of(0)), posting),
  flood('WINDOW_UPDATE on a stream that is over', windowUpdate(1, 1), [...asked, ...answered]),
  flood('RST_STREAM on a stream that is over', frame(TYPE.reset, 0, 1, words(CODE.cancel)), [...asked, ...answered]),
  {
    rfc: '9113 §10.5',
    name: 'a thousand PINGs with requests between them are no flood',
    steps: [...asked, { send: [many(1_000, () => ping())] }, ...answered],
  },
  {
    rfc: '9113 §10.5',
    name: 'a hundred streams that the client cancels at once are no flood',
    upstreamSettings: 'none',
    steps: [
      {
        send: Array.from({ length: 100 }, (_, index) => [
          head(2 * index + 1, POST),
          reset(2 * index + 1, CODE.cancel),
        ]).flat(),
      },
      { reply: [settings()] },
    ],
  },
]

const LINE = '\r\nx: y'
const crossing: readonly Case[] = [
  ...(
    [
      [':method', `GET / HTTP/1.1${LINE}`],
      [':path', `/ HTTP/1.1${LINE}`],
      [':authority', `shop${LINE}`],
      [':scheme', `http${LINE}`],
    ] as const
  ).map(([name, value]): Case => ({
    rfc: '9113 §10.3',
    name: `a request line hidden in ${name} reaches nobody`,
    steps: [
      {
        send: [
          whole(
            1,
            GET.map((field) => (field[0] === name ? ([name, value] as const) : field)),
          ),
        ],
      },
      { gets: [reset(1, CODE.protocol)] },
    ],
  })),
  {
    rfc: '9113 §10.3',
    name: 'a request hidden in a body stays a body',
    steps: [
      { send: [head(1, POST), last(1, 'GET /admin HTTP/1.1\r\nHost: shop\r\n\r\n')] },
      { sees: [head(1, POST), last(1, 'GET /admin HTTP/1.1\r\nHost: shop\r\n\r\n')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §10.3',
    name: 'frames hidden in a body stay a body',
    steps: [
      { send: [head(1, POST), last(1, headers(3, B).bytes.toString('latin1'))] },
      { sees: [head(1, POST), last(1, headers(3, B).bytes.toString('latin1'))] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §10.7',
    name: 'padding of DATA reaches the upstream, since it may hide lengths',
    steps: [
      { send: [head(1, POST)] },
      { sees: [head(1, POST)] },
      { send: [frame(TYPE.data, PADDED | END_STREAM, 1, '\x05hello\0\0\0\0\0')] },
      { sees: [last(1, 'hello')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §10.5',
    name: 'an upstream that floods a fork’s connection leaves the baseline’s alone',
    steps: [
      { send: [whole(1, GET), whole(3, KEYED)] },
      { sees: [whole(1, GET)] },
      { sees: [whole(3, KEYED)], at: 'pr-42' },
      {
        reply: [frame(TYPE.headers, 0, 3, block(OK)), many(100, () => frame(TYPE.continuation, 0, 3, ''))],
        at: 'pr-42',
      },
      { answered: { id: 3, status: '502', code: 'ST1104' } },
      { goaway: CODE.calm, at: 'pr-42' },
      ...answered,
    ],
  },
  {
    rfc: '9113 §10.5',
    name: 'a fork that resets its stream leaves the others of its connection alone',
    steps: [
      { send: [whole(1, KEYED), whole(3, KEYED)] },
      { sees: [whole(1, KEYED), whole(3, KEYED)], at: 'pr-42' },
      { reply: [reset(1, CODE.calm), frame(TYPE.headers, END_STREAM | END_HEADERS, 3, block(OK))], at: 'pr-42' },
      { gets: [reset(1, CODE.calm), whole(3, plus(OK, MARK))] },
    ],
  },
]

export const security: readonly Case[] = [...lists, ...floods, ...crossing]
