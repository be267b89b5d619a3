// RFC 9113 §6.3, §6.4 and §6.6 to §6.8: PRIORITY, RST_STREAM, PUSH_PROMISE, PING and GOAWAY.

import { GET, OK } from '../../../fixtures/http2/fields.ts'
import { type Case, type Step, CODE, answered, asked, breaks, ignores, reset, severs, whole } from './case.ts'
import { ACK, END_HEADERS, TYPE, block, frame, goaway, ping, priority, words } from './frames.ts'

const B = block(GET)
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

export const control: readonly Case[] = [...priorities, ...resets, ...pushes, ...pings, ...goaways]
