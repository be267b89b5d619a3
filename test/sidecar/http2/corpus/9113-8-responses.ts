// RFC 9113 §8 for responses: status, fields, bodies, trailers and interim responses.

import { type Fields, GET, OK, POST, having, plus } from '../../../fixtures/http2/fields.ts'
import {
  type Case,
  CODE,
  KEYED,
  MARK,
  answers,
  asked,
  data,
  head,
  last,
  posting,
  reset,
  spoils,
  whole,
} from './case.ts'
import { END_STREAM, PADDED, TYPE, frame } from './frames.ts'

const status = (code: string): Fields => [[':status', code]]
const HINTS = plus(status('103'), ['link', '</a.css>; rel=preload'])

const heads: readonly Case[] = [
  ...['200', '204', '304', '404', '299', '500', '599', '600', '999'].map((code) =>
    answers('9113 §8.3.2', `status ${code} passes`, [whole(1, status(code))]),
  ),
  spoils('9113 §8.3.2', 'a response without :status becomes 502', [whole(1, [['x', '1']])]),
  spoils('9113 §8.3.2', 'an empty block becomes 502', [whole(1, [])]),
  ...['', '20', '2000', '2x0', ' 200', '200 ', '200 OK', '099', '-20', '+20', '0x2'].map((code) =>
    spoils('9113 §8.3.2', `status ${JSON.stringify(code)} becomes 502`, [whole(1, status(code))]),
  ),
  spoils('9113 §8.3', 'two statuses become 502', [whole(1, plus(OK, [':status', '200']))]),
  spoils('9113 §8.3', ':status behind a field becomes 502', [whole(1, [['x', '1'], ...OK])]),
  spoils('9113 §8.3', 'a pseudo-header field of requests becomes 502', [whole(1, plus(OK, [':path', '/']))]),
  spoils('9113 §8.3', 'a pseudo-header field that nobody knows becomes 502', [whole(1, plus(OK, [':x', '1']))]),
  spoils('9113 §8.6', 'status 101 becomes 502', [head(1, status('101'))]),
  ...(
    [
      ['X', '1'],
      ['x y', '1'],
      ['x\0', '1'],
      ['x:', '1'],
      ['', '1'],
      ['x\xe9', '1'],
      ['x', 'a\0b'],
      ['x', 'a\nb'],
      ['x', 'a\rb'],
      ['x', 'a\r\nset-cookie: b'],
      ['x', ' a'],
      ['x', 'a\t'],
      ['x', 'a\x01b'],
      ['connection', 'close'],
      ['proxy-connection', 'close'],
      ['keep-alive', 'timeout=5'],
      ['transfer-encoding', 'chunked'],
      ['upgrade', 'h2c'],
      ['te', 'gzip'],
    ] as const
  ).map(([name, value]) =>
    spoils('9113 §8.2', `the field ${JSON.stringify(`${name}: ${value}`)} becomes 502`, [
      whole(1, plus(OK, [name, value])),
    ]),
  ),
  answers('9113 §8.2', 'fields of a response stay in order', [
    whole(
      1,
      plus(OK, ['set-cookie', 'a=1'], ['x', ''], ['set-cookie', 'b=2'], ['via', '1.1 b'], ['host', 'x'], ['y', '\xe9']),
    ),
  ]),
  answers('9110 §5.5', 'a response head of 60,000 bytes passes', [
    whole(1, plus(OK, ['x', 'v'.repeat(15_000)], ['y', 'v'.repeat(1000)])),
  ]),
  spoils('9113 §8.1', 'DATA before the head becomes 502', [data(1, 'x')]),
  spoils('9113 §8.1', 'the end of a stream without a head becomes 502', [last(1)]),
]

const length = (value: string, code = '200'): Fields => plus(status(code), ['content-length', value])
const asHead: Fields = having(GET, ':method', 'HEAD')
const toHead = (name: string, ...parts: Parameters<typeof answers>[2]): Case => ({
  rfc: '9110 §9.3.2',
  name,
  steps: [{ send: [whole(1, asHead)] }, { sees: [whole(1, asHead)] }, { reply: parts }, { gets: parts }],
})
const cutOff = (rfc: string, name: string, first: Fields, ...parts: Parameters<typeof answers>[2]): Case => ({
  rfc,
  name,
  steps: [
    ...asked,
    { reply: [head(1, first)] },
    { gets: [head(1, first)] },
    { reply: parts },
    { gets: [reset(1, CODE.protocol)] },
    { sees: [reset(1, CODE.protocol)] },
  ],
})

const bodies: readonly Case[] = [
  answers('9113 §8.1.1', 'a response’s body as long as content-length says passes', [
    head(1, length('4')),
    last(1, 'abcd'),
  ]),
  answers('9113 §8.1.1', 'a body without content-length passes', [head(1, OK), data(1, 'a'), last(1, 'b')]),
  answers('9113 §8.1.1', 'a response’s content-length of 0 without a body passes', [whole(1, length('0'))]),
  answers('9113 §8.1', 'an empty body passes', [head(1, OK), last(1)]),
  {
    rfc: '9113 §8.1.1',
    name: 'padding of a response does not count for its content-length',
    steps: [
      ...asked,
      { reply: [head(1, length('4')), frame(TYPE.data, PADDED | END_STREAM, 1, '\x02abcd\0\0')] },
      { gets: [head(1, length('4')), last(1, 'abcd')] },
    ],
  },
  spoils('9113 §8.1.1', 'a content-length without its body becomes 502', [whole(1, length('4'))]),
  ...['', 'x', '-1', '+4', '4,4', '4, 5', '99999999999999999999'].map((value) =>
    spoils('9110 §8.6', `content-length ${JSON.stringify(value)} becomes 502`, [head(1, length(value))]),
  ),
  spoils('9110 §8.6', 'two content-lengths that differ become 502', [
    head(1, plus(length('4'), ['content-length', '5'])),
  ]),
  cutOff('9113 §8.1.1', 'a body shorter than content-length ends in an error', length('4'), last(1, 'abc')),
  cutOff('9113 §8.1.1', 'a body longer than content-length ends in an error', length('4'), data(1, 'abcde')),
  cutOff('9113 §8.1.1', 'trailers before a body is complete end in an error', length('4'), whole(1, [['x', 'y']])),
  toHead('a response to HEAD may say a length without a body', whole(1, length('500'))),
  toHead('a response to HEAD may end with empty DATA', head(1, length('500')), last(1)),
  toHead('a response to HEAD may have trailers', head(1, OK), whole(1, [['x', 'y']])),
  answers('9110 §15.4.5', '304 may say a length without a body', [whole(1, length('500', '304'))]),
  answers('9110 §15.3.5', '204 may end with empty DATA', [head(1, status('204')), last(1)]),
  {
    rfc: '9110 §9.3.2',
    name: 'a body in a response to HEAD ends in an error',
    steps: [
      { send: [whole(1, asHead)] },
      { sees: [whole(1, asHead)] },
      { reply: [head(1, length('2'))] },
      { gets: [head(1, length('2'))] },
      { reply: [last(1, 'ok')] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.protocol)] },
    ],
  },
  cutOff('9110 §15.3.5', 'a body of a 204 ends in an error', status('204'), data(1, 'x')),
  cutOff('9110 §15.4.5', 'a body of a 304 ends in an error', status('304'), data(1, 'x')),
]

const TRAILERS: Fields = [
  ['grpc-status', '0'],
  ['x', ''],
]
const trailers: readonly Case[] = [
  answers('9113 §8.1', 'trailers of a response pass', [head(1, OK), data(1, 'a'), whole(1, TRAILERS)]),
  answers('9113 §8.1', 'trailers of a response without a body pass', [head(1, OK), whole(1, TRAILERS)]),
  answers('9113 §8.1', 'an empty block of trailers of a response passes', [head(1, OK), data(1, 'a'), whole(1, [])]),
  answers('9110 §6.5.1', 'a content-length in trailers of a response frames nothing', [
    head(1, OK),
    data(1, 'a'),
    whole(1, [['content-length', '9']]),
  ]),
  cutOff('9113 §8.1', 'trailers with :status end in an error', OK, whole(1, OK)),
  cutOff('9113 §8.1', 'trailers without END_STREAM end in an error', OK, head(1, TRAILERS)),
  cutOff('9113 §8.1', 'an interim response after the final one ends in an error', OK, head(1, status('103'))),
  cutOff('9113 §8.2.1', 'trailers with a name in upper case end in an error', OK, whole(1, [['X', '1']])),
  cutOff('9113 §8.2.1', 'trailers with a value with CR end in an error', OK, whole(1, [['x', 'a\rb']])),
  cutOff('9113 §8.2.2', 'trailers with connection end in an error', OK, whole(1, [['connection', 'close']])),
  {
    rfc: '9113 §8.1',
    name: 'trailers of a fork are not marked',
    steps: [
      { send: [whole(1, KEYED)] },
      { sees: [whole(1, KEYED)], at: 'pr-42' },
      { reply: [head(1, OK), whole(1, TRAILERS)], at: 'pr-42' },
      { gets: [head(1, plus(OK, MARK)), whole(1, TRAILERS)] },
    ],
  },
]

const interim: readonly Case[] = [
  answers('9110 §15.2', 'interim responses pass in order', [
    head(1, status('100')),
    head(1, HINTS),
    head(1, status('102')),
    whole(1, OK),
  ]),
  answers('9110 §15.2', 'an interim response of an unknown status passes', [head(1, status('199')), whole(1, OK)]),
  {
    rfc: '9110 §15.2',
    name: 'an interim response passes before the final one comes',
    steps: [
      ...asked,
      { reply: [head(1, HINTS)] },
      { gets: [head(1, HINTS)] },
      { reply: [whole(1, OK)] },
      { gets: [whole(1, OK)] },
    ],
  },
  {
    rfc: '9110 §10.1.1',
    name: '100 comes from the upstream, and the body then passes',
    steps: [
      { send: [head(1, plus(POST, ['expect', '100-continue']))] },
      { sees: [head(1, plus(POST, ['expect', '100-continue']))] },
      { reply: [head(1, status('100'))] },
      { gets: [head(1, status('100'))] },
      { send: [last(1, 'hello')] },
      { sees: [last(1, 'hello')] },
      { reply: [whole(1, OK)] },
      { gets: [whole(1, OK)] },
    ],
  },
  {
    rfc: '9110 §10.1.1',
    name: 'a final answer in place of 100 passes before the body',
    steps: [
      ...posting,
      { reply: [whole(1, status('417'))] },
      { gets: [whole(1, status('417'))] },
      { send: [last(1, 'late')] },
      { sees: [last(1, 'late')] },
    ],
  },
  spoils('9113 §8.1', 'an interim response that ends the stream becomes 502', [whole(1, status('103'))]),
  {
    rfc: '9113 §8.1',
    name: 'DATA behind an interim response become 502',
    steps: [
      ...asked,
      { reply: [head(1, status('103'))] },
      { gets: [head(1, status('103'))] },
      { reply: [data(1, 'x')] },
      { answered: { id: 1, status: '502', code: 'ST1104' } },
      { sees: [reset(1, CODE.protocol)] },
    ],
  },
]

export const responses: readonly Case[] = [...heads, ...bodies, ...trailers, ...interim]
