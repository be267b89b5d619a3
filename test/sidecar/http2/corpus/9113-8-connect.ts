// RFC 9113 §8.5: CONNECT.

import { type Fields, GET, OK, having, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, CODE, MARK, data, head, last, malformed, passes, reset, whole } from './case.ts'

const CONNECT: Fields = [
  [':method', 'CONNECT'],
  [':authority', 'shop:80'],
]
const tunnel = [{ send: [head(1, CONNECT)] }, { sees: [head(1, CONNECT)] }] as const
const open = [...tunnel, { reply: [head(1, OK)] }, { gets: [head(1, OK)] }] as const
const noConnect = (name: string, fields: Fields): Case => malformed('9113 §8.5', name, fields, false)

export const connect: readonly Case[] = [
  {
    rfc: '9113 §8.5',
    name: 'after a success of CONNECT bytes pass both ways, and each side ends its own',
    steps: [
      ...open,
      { send: [data(1, '\x16\x03')] },
      { sees: [data(1, '\x16\x03')] },
      { reply: [data(1, 'hello')] },
      { gets: [data(1, 'hello')] },
      { send: [last(1)] },
      { sees: [last(1)] },
      { reply: [last(1, 'late')] },
      { gets: [last(1, 'late')] },
    ],
  },
  {
    rfc: '9110 §9.3.6',
    name: 'a content-length in the success of CONNECT is no length',
    steps: [
      ...tunnel,
      { reply: [head(1, plus(OK, ['content-length', '0'])), data(1, 'hello')] },
      { gets: [head(1, plus(OK, ['content-length', '0'])), data(1, 'hello')] },
      { send: [reset(1, CODE.cancel)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'CONNECT may be declined',
    steps: [
      ...tunnel,
      { reply: [whole(1, [[':status', '403']])] },
      { gets: [whole(1, [[':status', '403']])] },
      { send: [last(1)] },
      { sees: [last(1)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'a tunnel that is reset is reset on the other side with the same code',
    steps: [...open, { reply: [reset(1, 10)] }, { gets: [reset(1, 10)] }],
  },
  {
    rfc: '9113 §8.5',
    name: 'HEADERS of the client in a tunnel are a stream error',
    steps: [
      ...open,
      { send: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'HEADERS of the upstream in a tunnel are a stream error',
    steps: [
      ...open,
      { reply: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.protocol)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'a keyed CONNECT goes to its fork',
    steps: [
      { send: [head(1, plus(CONNECT, ['baggage', 'sidetrack=pr-42']))] },
      { sees: [head(1, plus(CONNECT, ['baggage', 'sidetrack=pr-42']))], at: 'pr-42' },
      { reply: [head(1, OK)], at: 'pr-42' },
      { gets: [head(1, plus(OK, MARK))] },
      { send: [last(1, 'x')] },
      { sees: [last(1, 'x')], at: 'pr-42' },
      { reply: [last(1, 'y')], at: 'pr-42' },
      { gets: [last(1, 'y')] },
    ],
  },
  passes('9113 §8.5', 'CONNECT whose client ends its side at once passes', CONNECT),
  noConnect('CONNECT with :path is malformed', plus(CONNECT, [':path', '/'])),
  noConnect('CONNECT with :scheme is malformed', plus(CONNECT, [':scheme', 'http'])),
  noConnect('CONNECT with all pseudo-header fields is malformed', having(GET, ':method', 'CONNECT')),
  noConnect('CONNECT without :authority is malformed', [[':method', 'CONNECT']]),
  noConnect('CONNECT with a host only is malformed', [
    [':method', 'CONNECT'],
    ['host', 'shop:80'],
  ]),
  ...['', 'shop', 'shop:', 'shop:0', 'shop:x', 'shop:65536', 'me@shop:80', ':80', 'http://shop:80', '[::1]'].map(
    (authority) =>
      noConnect(`CONNECT of ${JSON.stringify(authority)} is malformed`, having(CONNECT, ':authority', authority)),
  ),
]
