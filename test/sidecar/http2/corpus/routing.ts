// Which upstream a request reaches, and the key that a fork adds to it (W3C Baggage §3).

import { GET, OK, POST, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, CODE, KEYED, MARK, data, head, last, passes, reset, whole } from './case.ts'

const members = (count: number): string => Array.from({ length: count }, (_, index) => `m${index}=1`).join(',')
const FULL = `a=${'v'.repeat(4000)},b=${'v'.repeat(4000)},c=${'v'.repeat(184)}`
const stamped = (name: string, sent: readonly string[], seen: readonly string[]): Case => ({
  ...passes(
    'baggage',
    name,
    plus(GET, ...sent.map((value) => ['baggage', value] as const)),
    plus(GET, ...seen.map((value) => ['baggage', value] as const)),
  ),
  own: 'own-1',
})

export const routing: readonly Case[] = [
  stamped('a fork’s request without baggage gets its key', [], ['sidetrack=own-1']),
  stamped('a fork’s request with baggage gets its key behind it', ['a=b', 'c=d'], ['a=b', 'c=d,sidetrack=own-1']),
  stamped('a fork’s request with a key keeps it', ['sidetrack=other'], ['sidetrack=other']),
  stamped(
    'a fork’s request with 180 members gets its key before them, as nobody reads further',
    [members(100), members(80)],
    [`sidetrack=own-1,${members(100)}`, members(80)],
  ),
  stamped(
    'a fork’s request with 8,192 bytes of baggage gets its key before them, as nobody reads further',
    [FULL],
    [`sidetrack=own-1,${FULL}`],
  ),
  {
    rfc: '9113 §8',
    name: 'a keyed request goes to its fork, and the answer says so',
    steps: [
      { send: [whole(1, KEYED)] },
      { sees: [whole(1, KEYED)], at: 'pr-42' },
      { reply: [head(1, OK), last(1, 'ok')], at: 'pr-42' },
      { gets: [head(1, plus(OK, MARK)), last(1, 'ok')] },
    ],
  },
  {
    rfc: '9113 §8',
    name: 'a malformed keyed request reaches no fork',
    steps: [{ send: [whole(1, plus(KEYED, ['X', '1']))] }, { gets: [reset(1, CODE.protocol)] }],
  },
  {
    rfc: '9113 §8.1',
    name: 'a request for a fork that is not ready is answered, and its body is not wanted',
    steps: [
      { send: [head(1, plus(POST, ['baggage', 'sidetrack=pr-unready']))] },
      { answered: { id: 1, status: '503', code: 'ST1101' } },
      { send: [data(1, 'late'), whole(1, [['x', 'y']])] },
    ],
  },
  {
    rfc: '9113 §8.1',
    name: 'a request for a fork that nothing listens for is answered',
    steps: [
      { send: [whole(1, plus(GET, ['baggage', 'sidetrack=pr-dead']))] },
      { answered: { id: 1, status: '503', code: 'ST1102' } },
    ],
  },
  {
    rfc: '9113 §8.2.3',
    name: 'a key in a second line of baggage counts',
    steps: [
      { send: [whole(1, plus(GET, ['baggage', 'a=b'], ['baggage', 'sidetrack=pr-42']))] },
      { sees: [whole(1, plus(GET, ['baggage', 'a=b'], ['baggage', 'sidetrack=pr-42']))], at: 'pr-42' },
      { reply: [whole(1, OK)], at: 'pr-42' },
      { gets: [whole(1, plus(OK, MARK))] },
    ],
  },
]
