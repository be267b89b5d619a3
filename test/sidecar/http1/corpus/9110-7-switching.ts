// RFC 9110 §7.8 and §9.3.6: upgrades and CONNECT.

import type { At } from '../../../fixtures/corpus/bed.ts'
import { type Case, type Passing, type Step, get, head, passes, post, refuses } from './case.ts'

const CLOSES: Passing = { closes: true }
const http10 = (...fields: readonly string[]) => head('GET / HTTP/1.0', 'Host: a', ...fields)
const reply = (...fields: readonly string[]) => `${head('HTTP/1.1 200 OK', 'Content-Length: 2', ...fields)}ok`

const WS = get('Upgrade: websocket', 'Connection: Upgrade')
const SWITCHED = head('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade')

/** Both sides of a tunnel end it. */
const over = (at: At = 'baseline'): readonly Step[] => [
  { ends: 'client' },
  { closed: at },
  { ends: at },
  { closed: 'client' },
]

export const switching: readonly Case[] = [
  {
    rfc: '9110 §7.8',
    name: 'after 101 bytes pass both ways as they are',
    steps: [
      { send: WS },
      { sees: WS },
      { reply: SWITCHED },
      { gets: SWITCHED },
      { send: '\x81\0GET' },
      { sees: '\x81\0GET' },
      { reply: '\0\r\n' },
      { gets: '\0\r\n' },
      ...over(),
    ],
  },
  {
    rfc: '9110 §7.8',
    name: 'what the client sends before 101 passes after it',
    steps: [
      { send: `${WS}early` },
      { sees: WS },
      { reply: `${SWITCHED}first` },
      { gets: `${SWITCHED}first` },
      { sees: 'early' },
      ...over(),
    ],
  },
  {
    rfc: '9110 §7.8',
    name: 'after 101 the client’s end reaches the upstream, and its bytes still come',
    steps: [
      { send: WS },
      { sees: WS },
      { reply: SWITCHED },
      { gets: SWITCHED },
      { ends: 'client' },
      { closed: 'baseline' },
      { reply: 'late' },
      { gets: 'late' },
      { ends: 'baseline' },
      { closed: 'client' },
    ],
  },
  {
    rfc: '9110 §7.8',
    name: 'after 101 the upstream’s end reaches the client, and its bytes still pass',
    steps: [
      { send: WS },
      { sees: WS },
      { reply: SWITCHED },
      { gets: SWITCHED },
      { ends: 'baseline' },
      { closed: 'client' },
      { send: 'late' },
      { sees: 'late' },
      { ends: 'client' },
      { closed: 'baseline' },
    ],
  },
  {
    rfc: '9110 §7.8',
    name: 'after 101 a reset of the upstream resets the client',
    steps: [
      { send: WS },
      { sees: WS },
      { reply: SWITCHED },
      { gets: SWITCHED },
      { resets: 'baseline' },
      { closed: 'client', reset: true },
    ],
  },
  {
    rfc: '9110 §7.8',
    name: 'a keyed upgrade goes to its fork, and 101 says so',
    steps: [
      { send: get('Upgrade: websocket', 'Connection: Upgrade', 'baggage: sidetrack=pr-42') },
      { sees: get('Upgrade: websocket', 'Connection: Upgrade', 'baggage: sidetrack=pr-42'), at: 'pr-42' },
      { reply: SWITCHED, at: 'pr-42' },
      { gets: SWITCHED.replace('\r\n', '\r\nsidetrack-route: cart=pr-42\r\n') },
      { send: 'ping' },
      { sees: 'ping', at: 'pr-42' },
      ...over('pr-42'),
    ],
  },
  {
    rfc: '9110 §9.3.6',
    name: 'after a success of CONNECT bytes pass both ways as they are',
    steps: [
      { send: head('CONNECT b:443 HTTP/1.1', 'Host: b:443') },
      { sees: head('CONNECT b:443 HTTP/1.1', 'Host: b:443') },
      { reply: 'HTTP/1.1 200 OK\r\n\r\nhello' },
      { gets: 'HTTP/1.1 200 OK\r\n\r\nhello' },
      { send: '\x16\x03\x01' },
      { sees: '\x16\x03\x01' },
      ...over(),
    ],
  },
  passes('9110 §7.8', 'an upgrade that is declined ends the connection after its answer', WS, CLOSES),
  passes('9110 §7.8', 'Upgrade without the option in Connection asks for nothing', get('Upgrade: websocket')),
  passes(
    '9110 §7.8',
    'Upgrade in HTTP/1.0 asks for nothing',
    http10('Upgrade: websocket', 'Connection: Upgrade, keep-alive'),
    { reply: reply('Connection: keep-alive') },
  ),
  passes('9110 §7.8', 'the option upgrade without Upgrade asks for nothing', get('Connection: upgrade')),
  passes(
    '9110 §7.8',
    'a length of 0 is no body beside Upgrade',
    get('Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 0'),
    CLOSES,
  ),
  refuses(
    '9110 §7.8',
    'Upgrade with a body is refused',
    `${get('Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 2')}hi`,
  ),
  refuses(
    '9110 §7.8',
    'Upgrade with a chunked body is refused',
    `${get('Upgrade: websocket', 'Connection: Upgrade', 'Transfer-Encoding: chunked')}2\r\nhi\r\n0\r\n\r\n`,
  ),
  refuses(
    '9110 §9.3.6',
    'CONNECT with a body is refused',
    `${head('CONNECT a:1 HTTP/1.1', 'Host: a:1', 'Content-Length: 2')}hi`,
  ),
  passes(
    '9110 §7.8',
    'an offer of h2c is taken out with all that belongs to it',
    get('Upgrade: h2c', 'X: 1', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA', 'Connection: Upgrade, HTTP2-Settings'),
    { sees: get('X: 1') },
  ),
  passes(
    '9110 §7.8',
    'an offer of h2c with a body passes without the offer',
    post('hi', 'Connection: Upgrade, HTTP2-Settings', 'Content-Length: 2', 'HTTP2-Settings: AAM', 'Upgrade: h2c'),
    { sees: post('hi', 'Content-Length: 2') },
  ),
  passes(
    '9110 §7.8',
    'an offer of h2c leaves other options of Connection',
    get('Connection: TE, Upgrade, HTTP2-Settings', 'Upgrade: H2C', 'HTTP2-Settings: AAM'),
    { sees: get('Connection: te') },
  ),
  passes(
    '9110 §7.8',
    'an offer of h2c beside websocket leaves websocket',
    get('Upgrade: h2c, websocket', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAM'),
    {
      sees: get('Upgrade: websocket', 'Connection: upgrade'),
      closes: true,
    },
  ),
  passes(
    '9110 §7.8',
    'an offer of h2c on a second line is taken out',
    get('Upgrade: websocket', 'Connection: Upgrade', 'Upgrade: h2c'),
    {
      sees: get('Upgrade: websocket', 'Connection: Upgrade'),
      closes: true,
    },
  ),
]
