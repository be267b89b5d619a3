// Which upstream a request reaches, and what the sidecar adds on the way (DESIGN: a request's way, W3C Baggage §3).

import { type Case, OK, type Step, get, head, keyed, passes, post, probe, withLine } from './case.ts'

const RFC = 'baggage'
const FORK = { at: 'pr-42' } as const
const at = (name: string, value: string, where: 'baseline' | 'pr-42' | 'pr-57' = 'pr-42') =>
  passes(RFC, name, get(`baggage: ${value}`), { at: where })

const keys: readonly Case[] = [
  passes(RFC, 'a request without a key goes to the baseline', get()),
  at('a request with a key goes to its fork, and the answer says so', 'sidetrack=pr-42'),
  at('another key goes to another fork', 'sidetrack=pr-57', 'pr-57'),
  at('a key without a route goes to the baseline', 'sidetrack=pr-99', 'baseline'),
  at('the key may stand among other members', 'a=1,sidetrack=pr-42,b=2'),
  at('white space around the member is not part of it', 'a=1 ,\t sidetrack = pr-42 \t, b=2'),
  at('properties of the member are not part of the key', 'sidetrack=pr-42;ttl=5;x'),
  at('properties of another member change nothing', 'a=1;sidetrack=pr-57,sidetrack=pr-42'),
  at('a percent-encoded key is decoded', 'sidetrack=pr%2D42'),
  at('a member that cannot be decoded is skipped', 'sidetrack=%zz', 'baseline'),
  at('a member whose name only starts alike is another one', 'sidetracked=pr-42,xsidetrack=pr-42', 'baseline'),
  at('the name of the member is compared in its case', 'Sidetrack=pr-42', 'baseline'),
  at('the last member of the name counts', 'sidetrack=pr-57,sidetrack=pr-42'),
  at('an empty member is skipped', ',,sidetrack=pr-42,,'),
  at('a member without a value is skipped', 'sidetrack,sidetrack=', 'baseline'),
  at('the first of several keys that has a route decides', 'sidetrack=pr-99.pr-42.pr-57'),
  at('the order of the keys decides, not that of the routes', 'sidetrack=pr-57.pr-42', 'pr-57'),
  at('keys may be separated by an encoded comma', 'sidetrack=pr-99%2Cpr-42'),
  at('a key that is none is skipped', 'sidetrack=-.pr-42'),
  at('a strict request with a route goes to its fork', 'sidetrack=pr-42;strict'),
  at(
    'a strict request whose sandbox lives goes to the baseline where it has no route',
    'sidetrack=pr-live;strict',
    'baseline',
  ),
  passes(RFC, 'the field’s name counts in any case', get('BAGGAGE: sidetrack=pr-42'), FORK),
  passes(RFC, 'a key on a second line counts', get('baggage: a=1', 'X: 1', 'baggage: sidetrack=pr-42'), FORK),
  passes(RFC, 'the last of two lines counts', get('baggage: sidetrack=pr-57', 'Baggage: sidetrack=pr-42'), FORK),
  passes(RFC, 'a key in HTTP/1.0 counts', head('GET / HTTP/1.0', 'baggage: sidetrack=pr-42'), {
    ...FORK,
    closes: true,
  }),
  passes(RFC, 'a key in another field counts for nothing', get('x-baggage: sidetrack=pr-42', 'sidetrack: pr-42')),
  passes(
    RFC,
    'a request with a body goes to its fork',
    post('hello', 'baggage: sidetrack=pr-42', 'Content-Length: 5'),
    FORK,
  ),
  passes(
    RFC,
    'a chunked request goes to its fork',
    post('5\r\nhello\r\n0\r\n\r\n', 'baggage: sidetrack=pr-42', 'Transfer-Encoding: chunked'),
    FORK,
  ),
  passes(RFC, 'the answer of a fork keeps every byte but for the line that is added', keyed('pr-42'), {
    ...FORK,
    reply: `${head('HTTP/1.1 404 ', 'sEt: 1', 'Content-Length:2')}no`,
    gets: `${head('HTTP/1.1 404 ', 'sidetrack-route: cart=pr-42', 'sEt: 1', 'Content-Length:2')}no`,
  }),
  passes(RFC, 'the answer of a fork to HEAD says so', head('HEAD / HTTP/1.1', 'Host: a', 'baggage: sidetrack=pr-42'), {
    ...FORK,
    reply: head('HTTP/1.1 200 OK', 'Content-Length: 9'),
  }),
  passes(RFC, 'an interim response of a fork has no line added', keyed('pr-42'), {
    ...FORK,
    reply: head('HTTP/1.1 103 Early Hints') + OK,
    gets: head('HTTP/1.1 103 Early Hints') + withLine(OK, 'sidetrack-route: cart=pr-42'),
  }),
  passes(RFC, 'an optional fork that is not ready leaves its requests to the baseline', keyed('pr-optional')),
]

const refused = (code: string, open = true): readonly Step[] => [{ refused: { status: 503, code, open } }]
const nowhere = (name: string, send: string, code: string): Case => ({
  rfc: RFC,
  name,
  steps: [{ send }, ...refused(code), ...probe()],
})

const answers: readonly Case[] = [
  nowhere('a fork that is not ready is answered with 503, and the connection goes on', keyed('pr-unready'), 'ST1101'),
  nowhere('a strict request without a live sandbox is answered with 503', keyed('pr-99;strict'), 'ST1103'),
  nowhere('one dead key of several is enough for a strict request', keyed('pr-live.pr-99;strict'), 'ST1103'),
  nowhere(
    'a fork that nothing listens for is answered with 503, and the connection goes on',
    keyed('pr-dead'),
    'ST1102',
  ),
  {
    ...nowhere(
      'a request with a whole body for a fork that is not ready is answered',
      post('hello', 'baggage: sidetrack=pr-unready', 'Content-Length: 5'),
      'ST1101',
    ),
    whole: true,
  },
  {
    ...nowhere(
      'a request with a whole body for a fork that nothing listens for is answered',
      post('5\r\nhello\r\n0\r\n\r\n', 'baggage: sidetrack=pr-dead', 'Transfer-Encoding: chunked'),
      'ST1102',
    ),
    whole: true,
  },
  {
    rfc: RFC,
    name: 'HEAD for a fork that is not ready is answered without a body',
    steps: [
      { send: head('HEAD / HTTP/1.1', 'Host: a', 'baggage: sidetrack=pr-unready') },
      { refused: { status: 503, code: 'ST1101', headOnly: true, open: true } },
      ...probe(),
    ],
  },
  {
    rfc: RFC,
    name: 'a request with close for a fork that is not ready is answered, and the connection ends',
    steps: [{ send: keyed('pr-unready', 'Connection: close') }, ...refused('ST1101', false), { closed: 'client' }],
  },
  {
    rfc: RFC,
    name: 'half a body for a fork that is not ready ends the connection after the answer',
    steps: [
      { send: post('he', 'baggage: sidetrack=pr-unready', 'Content-Length: 5') },
      ...refused('ST1101', false),
      { closed: 'client' },
    ],
  },
  {
    rfc: RFC,
    name: 'an upgrade for a fork that is not ready ends the connection after the answer',
    steps: [
      { send: keyed('pr-unready', 'Upgrade: websocket', 'Connection: Upgrade') },
      ...refused('ST1101', false),
      { closed: 'client' },
    ],
  },
]

const exchange = (key: 'pr-42' | 'pr-57'): readonly Step[] => [
  { sees: keyed(key), at: key },
  { reply: OK, at: key },
  { gets: withLine(OK, `sidetrack-route: cart=${key}`) },
]

const sequences: readonly Case[] = [
  {
    rfc: RFC,
    name: 'requests of one connection go each to its own upstream, and are answered in order',
    steps: [
      { send: keyed('pr-42') + get() + keyed('pr-57') + keyed('pr-unready') + keyed('pr-42') },
      ...exchange('pr-42'),
      { sees: get() },
      { reply: OK },
      { gets: OK },
      ...exchange('pr-57'),
      ...refused('ST1101'),
      ...exchange('pr-42'),
      ...probe(),
    ],
  },
  {
    rfc: RFC,
    name: 'a fork that ends an idle connection leaves the client’s alone',
    steps: [
      { send: keyed('pr-42') },
      ...exchange('pr-42'),
      { ends: 'pr-42' },
      { closed: 'pr-42' },
      { send: keyed('pr-42') },
      ...exchange('pr-42'),
      ...probe(),
    ],
  },
  {
    rfc: RFC,
    name: 'a fork that resets while it answers resets the client',
    steps: [
      { send: keyed('pr-42') },
      { sees: keyed('pr-42'), at: 'pr-42' },
      { resets: 'pr-42' },
      { closed: 'client', reset: true },
    ],
  },
]

const members = (count: number) => Array.from({ length: count }, (_, index) => `m${index}=1`).join(',')
const FULL = `a=${'v'.repeat(4000)},b=${'v'.repeat(4000)},c=${'v'.repeat(184)}`
const own = (name: string, send: string, sees: string): Case => passes(RFC, name, send, { sees, own: 'own-1' })

const ownKey: readonly Case[] = [
  own(
    'a fork’s request without baggage gets a line with the fork’s key',
    get('X: 1'),
    withLine(get('X: 1'), 'baggage: sidetrack=own-1'),
  ),
  own(
    'a fork’s request with baggage gets a member more',
    get('Baggage:  a=1;p ', 'X: 1'),
    get('Baggage:  a=1;p,sidetrack=own-1 ', 'X: 1'),
  ),
  own(
    'a fork’s request with two lines of baggage gets a member more in the last',
    get('baggage: a=1', 'baggage: b=2'),
    get('baggage: a=1', 'baggage: b=2,sidetrack=own-1'),
  ),
  own(
    'a fork’s request with empty baggage gets a member in it',
    get('baggage:', 'X: 1'),
    get('baggage:sidetrack=own-1', 'X: 1'),
  ),
  own(
    'a fork’s request with baggage of spaces gets a member in it',
    get('baggage:  '),
    get('baggage:  sidetrack=own-1'),
  ),
  own(
    'a fork’s request whose member holds no key gets one more',
    get('baggage: sidetrack=-'),
    get('baggage: sidetrack=-,sidetrack=own-1'),
  ),
  own('a fork’s request with another key keeps it', get('baggage: sidetrack=pr-99'), get('baggage: sidetrack=pr-99')),
  own(
    'a fork’s request with a body gets the key in its head only',
    post('baggage: x', 'Content-Length: 10'),
    withLine(post('baggage: x', 'Content-Length: 10'), 'baggage: sidetrack=own-1'),
  ),
  own(
    'a fork’s request in absolute form gets both changes',
    head('GET http://b/ HTTP/1.1', 'Host: a', 'baggage: a=1'),
    head('GET http://b/ HTTP/1.1', 'Host: b', 'baggage: a=1,sidetrack=own-1'),
  ),
  own(
    'a fork’s offer of h2c is taken out and the key put in',
    get('Upgrade: h2c', 'Connection: Upgrade'),
    withLine(get(), 'baggage: sidetrack=own-1'),
  ),
  own(
    'a fork’s request with 179 members gets its key behind them',
    get(`baggage: ${members(179)}`),
    get(`baggage: ${members(179)},sidetrack=own-1`),
  ),
  own(
    'a fork’s request with 180 members gets its key before them, as nobody reads further',
    get(`baggage: ${members(100)}`, 'X: 1', `baggage: ${members(80)}`),
    get(`baggage: sidetrack=own-1,${members(100)}`, 'X: 1', `baggage: ${members(80)}`),
  ),
  own(
    'a fork’s request with 8,192 bytes of baggage gets its key before them, as nobody reads further',
    get(`baggage: ${FULL}`),
    get(`baggage: sidetrack=own-1,${FULL}`),
  ),
  passes(RFC, 'a fork’s request with another key goes to that fork', keyed('pr-42'), { at: 'pr-42', own: 'own-1' }),
]

export const routing: readonly Case[] = [...keys, ...answers, ...sequences, ...ownKey]
