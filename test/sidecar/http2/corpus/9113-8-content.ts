// RFC 9113 §8.1 and §8.1.1 for requests: bodies, their length, and trailers.

import { type Fields, GET, OK, POST, having, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, CODE, answered, data, head, last, malformed, passes, posting, reset, whole } from './case.ts'
import { END_STREAM, PADDED, TYPE, frame } from './frames.ts'

const lengthy = (name: string, value: string): Case =>
  malformed('9110 §8.6', name, plus(POST, ['content-length', value]), false)
const FOUR = plus(POST, ['content-length', '4'])

const bodies: readonly Case[] = [
  ...[
    '',
    ' ',
    '-1',
    '+4',
    '4a',
    'x',
    '0x4',
    '4.0',
    '4,4',
    '4, 4',
    '4;4',
    '"4"',
    '\xb2',
    '99999999999999999999',
    '1_000',
  ].flatMap((value) => [
    lengthy(`content-length ${JSON.stringify(value)} is malformed`, value),
    malformed(
      '9110 §8.6',
      `content-length ${JSON.stringify(value)} without a body is malformed`,
      plus(GET, ['content-length', value]),
    ),
  ]),
  malformed(
    '9110 §8.6',
    'two content-lengths of 0 without a body are malformed',
    plus(GET, ['content-length', '0'], ['content-length', '0']),
  ),
  malformed('9110 §8.6', 'two content-lengths are malformed', plus(FOUR, ['content-length', '5']), false),
  malformed('9110 §8.6', 'two equal content-lengths are malformed', plus(FOUR, ['content-length', '4']), false),
  malformed('9113 §8.1.1', 'a content-length above 0 without a body is malformed', plus(GET, ['content-length', '1'])),
  passes('9113 §8.1.1', 'a content-length of 0 without a body passes', plus(GET, ['content-length', '0'])),
  {
    rfc: '9113 §8.1.1',
    name: 'a body as long as content-length says passes',
    steps: [
      { send: [head(1, FOUR), data(1, 'ab'), last(1, 'cd')] },
      { sees: [head(1, FOUR), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9110 §8.6',
    name: 'a content-length with leading zeros is read as decimal',
    steps: [
      { send: [head(1, plus(POST, ['content-length', '004'])), last(1, 'abcd')] },
      { sees: [head(1, plus(POST, ['content-length', '004'])), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'padding does not count for content-length',
    steps: [
      { send: [head(1, FOUR), frame(TYPE.data, PADDED | END_STREAM, 1, '\x03abcd\0\0\0')] },
      { sees: [head(1, FOUR), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'an empty DATA may end a body of a known length',
    steps: [
      { send: [head(1, FOUR), data(1, 'abcd'), last(1)] },
      { sees: [head(1, FOUR), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'a body shorter than content-length is malformed, and never ends upstream',
    steps: [
      { send: [head(1, FOUR)] },
      { sees: [head(1, FOUR)] },
      { send: [last(1, 'abc')] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'a body longer than content-length is malformed, and none of the excess passes',
    steps: [
      { send: [head(1, FOUR), data(1, 'abcd')] },
      { sees: [head(1, FOUR), data(1, 'abcd')] },
      { send: [data(1, 'e')] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'trailers before a body is as long as content-length says are malformed',
    steps: [
      { send: [head(1, FOUR), data(1, 'abc')] },
      { sees: [head(1, FOUR), data(1, 'abc')] },
      { send: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'FROB'].map((method): Case => ({
    rfc: '9110 §9.3',
    name: `a body of ${method} passes`,
    steps: [
      { send: [head(1, having(GET, ':method', method)), last(1, 'body')] },
      { sees: [head(1, having(GET, ':method', method)), last(1, 'body')] },
      { reply: [whole(1, OK)] },
      { gets: [whole(1, OK)] },
    ],
  })),
]

const trailing = (name: string, fields: Fields, end = true): Case => ({
  rfc: '9113 §8.1',
  name,
  steps: [
    ...posting,
    { send: [head(1, fields, end)] },
    { gets: [reset(1, CODE.protocol)] },
    { sees: [reset(1, CODE.cancel)] },
  ],
})
const trailers = (rfc: string, name: string, fields: Fields): Case => ({
  rfc,
  name,
  steps: [
    ...posting,
    { send: [data(1, 'x'), whole(1, fields)] },
    { sees: [data(1, 'x'), whole(1, fields)] },
    ...answered,
  ],
})

const trailerCases: readonly Case[] = [
  trailers('9113 §8.1', 'trailers pass', [
    ['x', 'y'],
    ['x', 'z'],
  ]),
  trailers('9113 §8.1', 'an empty block of trailers passes', []),
  trailers('9110 §6.5.1', 'a content-length in trailers frames nothing', [['content-length', '99']]),
  trailers('9110 §6.5.1', 'a key in trailers routes nothing', [['baggage', 'sidetrack=pr-42']]),
  trailing('trailers with a pseudo-header field are malformed', [[':path', '/']]),
  trailing('trailers with :status are malformed', [[':status', '200']]),
  trailing('trailers without END_STREAM are malformed', [['x', 'y']], false),
  trailing('trailers with a name in upper case are malformed', [['X', 'y']]),
  trailing('trailers with a value with LF are malformed', [['x', 'a\nb']]),
  trailing('trailers with connection are malformed', [['connection', 'close']]),
  trailing('trailers with transfer-encoding are malformed', [['transfer-encoding', 'chunked']]),
  trailing('trailers with te: gzip are malformed', [['te', 'gzip']]),
  {
    rfc: '9113 §8.1',
    name: 'trailers without a body pass',
    steps: [...posting, { send: [whole(1, [['x', 'y']])] }, { sees: [whole(1, [['x', 'y']])] }, ...answered],
  },
]

export const requestContent: readonly Case[] = [...bodies, ...trailerCases]
