// RFC 8441: CONNECT with :protocol, which is offered to clients as far as their baseline offers it.

import { type Fields, GET, OK, plus, without } from '../../../fixtures/http2/fields.ts'
import { type Case, CODE, MARK, asked, data, head, last, reset, whole } from './case.ts'
import { settings } from './frames.ts'

const WS: Fields = [[':method', 'CONNECT'], [':protocol', 'websocket'], ...without(GET, ':method')]
const offered = settings([[8, 1]])
const answered = [{ reply: [whole(1, OK)] }, { gets: [whole(1, OK)] }] as const

/** The baseline has been called, and the client has heard what it takes. */
const heard = [...asked, { told: offered }, ...answered] as const
const takes = { upstreamSettings: [[8, 1]], sidecar: 'fresh' } as const
const known = { upstreamSettings: [[8, 1]], sidecar: 'knows :protocol' } as const

const wrong = (name: string, fields: Fields): Case => ({
  rfc: '8441 §4',
  name,
  ...takes,
  steps: [...heard, { send: [head(3, fields)] }, { gets: [reset(3, CODE.protocol)] }],
})

export const extendedConnect: readonly Case[] = [
  {
    rfc: '8441 §4',
    name: ':protocol before anybody has offered to take it is malformed',
    steps: [{ send: [head(1, WS)] }, { gets: [reset(1, CODE.protocol)] }],
  },
  {
    rfc: '8441 §3',
    name: 'a baseline that takes :protocol is announced, and DATA then pass both ways',
    ...takes,
    steps: [
      ...heard,
      { send: [head(3, WS)] },
      { sees: [head(3, WS)] },
      { reply: [head(3, OK), data(3, 'hello')] },
      { gets: [head(3, OK), data(3, 'hello')] },
      { send: [data(3, '\x81\x02hi')] },
      { sees: [data(3, '\x81\x02hi')] },
      { send: [last(3)] },
      { sees: [last(3)] },
      { reply: [last(3)] },
      { gets: [last(3)] },
    ],
  },
  {
    rfc: '8441 §4',
    name: 'a keyed request with :protocol goes to its fork',
    ...takes,
    steps: [
      ...heard,
      { send: [head(3, plus(WS, ['baggage', 'sidetrack=pr-42']))] },
      { sees: [head(3, plus(WS, ['baggage', 'sidetrack=pr-42']))], at: 'pr-42' },
      { reply: [head(3, OK)], at: 'pr-42' },
      { gets: [head(3, plus(OK, MARK))] },
      { send: [last(3, 'x')] },
      { sees: [last(3, 'x')], at: 'pr-42' },
      { reply: [last(3, 'y')], at: 'pr-42' },
      { gets: [last(3, 'y')] },
    ],
  },
  {
    rfc: '8441 §4',
    name: 'a request with :protocol may be declined',
    ...takes,
    steps: [
      ...heard,
      { send: [whole(3, WS)] },
      { sees: [whole(3, WS)] },
      { reply: [whole(3, [[':status', '501']])] },
      { gets: [whole(3, [[':status', '501']])] },
    ],
  },
  wrong(':protocol with another method is malformed', [
    [':method', 'GET'],
    [':protocol', 'websocket'],
    ...without(GET, ':method'),
  ]),
  wrong(':protocol without :scheme is malformed', without(WS, ':scheme')),
  wrong(':protocol without :path is malformed', without(WS, ':path')),
  wrong(':protocol without :authority is malformed', without(WS, ':authority')),
  wrong('two :protocols are malformed', [[':protocol', 'websocket'], ...WS]),
  wrong('an empty :protocol is malformed', [[':method', 'CONNECT'], [':protocol', ''], ...without(GET, ':method')]),
  wrong(':protocol with a space is malformed', [
    [':method', 'CONNECT'],
    [':protocol', 'web socket'],
    ...without(GET, ':method'),
  ]),
  wrong(
    ':protocol behind a field is malformed',
    plus(without(WS, ':protocol'), ['x', '1'], [':protocol', 'websocket']),
  ),
  {
    rfc: '8441 §3',
    name: 'a client of a baseline that was known to take :protocol hears it in the first SETTINGS',
    ...known,
    steps: [
      {
        told: settings([
          [1, 0],
          [3, 10_000],
          [6, 131_072],
          [8, 1],
        ]),
      },
      { send: [whole(1, WS)] },
      { sees: [whole(1, WS)] },
      { reply: [whole(1, OK)] },
      { gets: [whole(1, OK)] },
    ],
  },
  {
    rfc: '8441 §4',
    name: 'an upstream that does not take :protocol after all never sees it, and the client gets a 502',
    sidecar: 'knows :protocol',
    steps: [{ send: [head(1, WS)] }, { answered: { id: 1, status: '502', code: 'ST1104' } }, ...asking()],
  },
]

/** The connection to the baseline is used all the same. */
function asking(): Case['steps'] {
  return [{ send: [whole(3, GET)] }, { sees: [whole(3, GET)] }, { reply: [whole(3, OK)] }, { gets: [whole(3, OK)] }]
}
