// RFC 9110 §7.8, §9.3.6 and RFC 9112 §6.3, §9: what comes too early, and what a declined tunnel leaves behind.

import { type Case, type Step, PROBE, answers, get, head, passes, post, probe, refuses } from './case.ts'

const WS = get('Upgrade: websocket', 'Connection: Upgrade')
const CONNECT = head('CONNECT b:443 HTTP/1.1', 'Host: b:443')
const NO = head('HTTP/1.1 403 Forbidden', 'Content-Length: 0')
const over: readonly Step[] = [{ ends: 'client' }, { closed: 'baseline' }, { ends: 'baseline' }, { closed: 'client' }]

const tunnel = (name: string, reply: string, rfc = '9112 §6.3'): Case => ({
  rfc,
  name,
  steps: [
    { send: CONNECT },
    { sees: CONNECT },
    { reply: `${reply}hello` },
    { gets: `${reply}hello` },
    { send: 'GET / no HTTP\n' },
    { sees: 'GET / no HTTP\n' },
    ...over,
  ],
})
const declined = (name: string, first: string, early: string, reply = NO): Case => ({
  rfc: '9110 §7.8',
  name,
  steps: [{ send: first + early }, { sees: first }, { reply }, { gets: reply }, { closed: 'client' }],
})

export const tunnels: readonly Case[] = [
  tunnel('a Content-Length in the success of CONNECT is no length', head('HTTP/1.1 200 OK', 'Content-Length: 0')),
  tunnel(
    'a Content-Length that is none in the success of CONNECT is no fault',
    head('HTTP/1.1 200 OK', 'Content-Length: x'),
  ),
  tunnel(
    'a Transfer-Encoding in the success of CONNECT frames nothing',
    head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
  ),
  tunnel('every success of CONNECT opens the tunnel', head('HTTP/1.1 204 No Content'), '9110 §9.3.6'),
  tunnel(
    'an interim response before the success of CONNECT passes',
    head('HTTP/1.1 103 Early Hints') + head('HTTP/1.1 200 OK'),
    '9110 §15.2',
  ),
  tunnel(
    'close in the success of CONNECT does not close the tunnel',
    head('HTTP/1.1 200 OK', 'Connection: close'),
    '9112 §9.3',
  ),
  declined('a request behind a declined upgrade is not forwarded', WS, PROBE),
  declined('bytes behind a declined upgrade are not taken for a request', WS, '\x81\x05hello'),
  declined('a request behind a declined CONNECT is not forwarded', CONNECT, PROBE),
  declined('the handshake behind a declined CONNECT is not taken for a request', CONNECT, '\x16\x03\x01\x02\0'),
  declined(
    'a declined CONNECT with a body ends after it',
    CONNECT,
    '',
    'HTTP/1.1 502 Bad\r\nContent-Length: 2\r\n\r\nno',
  ),
  declined(
    'a declined CONNECT with a chunked body ends after it',
    CONNECT,
    '',
    `${head('HTTP/1.1 407 No', 'Transfer-Encoding: chunked')}2\r\nno\r\n0\r\n\r\n`,
  ),
  {
    rfc: '9110 §9.3.6',
    name: 'what the client sends before the success of CONNECT passes after it',
    steps: [
      { send: `${CONNECT}early` },
      { sees: CONNECT },
      { reply: head('HTTP/1.1 200 OK') },
      { gets: head('HTTP/1.1 200 OK') },
      { sees: 'early' },
      ...over,
    ],
  },
  {
    rfc: '9110 §9.3.6',
    name: 'a CONNECT behind another request opens its tunnel',
    steps: [
      { send: get() + CONNECT },
      { sees: get() },
      { reply: NO },
      { gets: NO },
      { sees: CONNECT },
      { reply: head('HTTP/1.1 200 OK') },
      { gets: head('HTTP/1.1 200 OK') },
      { send: 'x' },
      { sees: 'x' },
      ...over,
    ],
  },
  {
    rfc: '9110 §9.3.6',
    name: 'a tunnel may carry a request for another host, which nobody reads here',
    steps: [
      { send: CONNECT },
      { sees: CONNECT },
      { reply: head('HTTP/1.1 200 OK') },
      { gets: head('HTTP/1.1 200 OK') },
      { send: get('baggage: sidetrack=pr-42') },
      { sees: get('baggage: sidetrack=pr-42') },
      ...over,
    ],
  },
  {
    rfc: '9110 §9.3.6',
    name: 'a keyed CONNECT opens its tunnel to the fork',
    steps: [
      { send: head('CONNECT b:443 HTTP/1.1', 'Host: b:443', 'baggage: sidetrack=pr-42') },
      { sees: head('CONNECT b:443 HTTP/1.1', 'Host: b:443', 'baggage: sidetrack=pr-42'), at: 'pr-42' },
      { reply: head('HTTP/1.1 200 OK'), at: 'pr-42' },
      { gets: head('HTTP/1.1 200 OK', 'sidetrack-route: cart=pr-42') },
      { send: 'x' },
      { sees: 'x', at: 'pr-42' },
      { ends: 'client' },
      { closed: 'pr-42' },
      { ends: 'pr-42' },
      { closed: 'client' },
    ],
  },
  refuses('9110 §9.3.6', 'CONNECT to port 0 is refused', head('CONNECT b:0 HTTP/1.1', 'Host: b:0')),
  refuses('9110 §9.3.6', 'CONNECT to port 000 is refused', head('CONNECT b:000 HTTP/1.1', 'Host: b:000')),
  refuses('9110 §9.3.6', 'CONNECT with two authorities is refused', head('CONNECT b:1,c:2 HTTP/1.1', 'Host: b:1')),
  refuses(
    '9110 §9.3.6',
    'CONNECT with a path behind its authority is refused',
    head('CONNECT b:1/ HTTP/1.1', 'Host: b:1'),
  ),
  refuses('9112 §3.2.3', 'CONNECT without a Host is refused', head('CONNECT b:1 HTTP/1.1')),
  refuses(
    '9110 §9.3.6',
    'CONNECT with a chunked body is refused',
    `${head('CONNECT b:1 HTTP/1.1', 'Host: b:1', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ),
  passes(
    '9110 §9.3.6',
    'CONNECT with a length of 0 may be declined',
    head('CONNECT b:1 HTTP/1.1', 'Host: b:1', 'Content-Length: 0'),
    { reply: NO, closes: true },
  ),
  passes('9110 §9.3.6', 'connect in small letters is a method like any other', head('connect / HTTP/1.1', 'Host: a')),
  refuses(
    '9110 §9.3.6',
    'connect in small letters may not have an authority as its target',
    head('connect b:1 HTTP/1.1', 'Host: b:1'),
  ),
  passes('9110 §7.8', 'an upgrade to TLS goes on as it is', get('Upgrade: TLS/1.3', 'Connection: Upgrade'), {
    closes: true,
  }),
  passes('9110 §7.8', 'several protocols go on as they are', get('Upgrade: websocket, foo/2', 'Connection: Upgrade'), {
    closes: true,
  }),
  passes(
    '9110 §7.8',
    'an Upgrade that names nothing is taken out, since llhttp would wait for the other protocol',
    get('Upgrade:', 'Connection: Upgrade'),
    { sees: get() },
  ),
  passes(
    '9110 §7.8',
    'an Upgrade of empty elements is taken out, since llhttp would wait for the other protocol',
    get('Upgrade: ,,', 'Connection: Upgrade'),
    { sees: get() },
  ),
  passes('9110 §7.8', 'HTTP2-Settings without an offer of h2c is taken out', get('HTTP2-Settings: AAM'), {
    sees: get(),
  }),
  passes(
    '9110 §7.8',
    'an offer of h2c in HTTP/1.0 is taken out too',
    head('GET / HTTP/1.0', 'Upgrade: h2c', 'Connection: Upgrade'),
    {
      sees: head('GET / HTTP/1.0'),
      closes: true,
    },
  ),
  answers(
    '9110 §7.8',
    'Upgrade in a response is an offer only',
    `${head('HTTP/1.1 200 OK', 'Upgrade: h2c', 'Connection: Upgrade', 'Content-Length: 2')}ok`,
  ),
  {
    rfc: '9112 §9.3.2',
    name: 'a POST behind a GET goes on when the GET is answered',
    steps: [
      { send: get() + post('hi', 'Content-Length: 2') },
      { sees: get() },
      { reply: NO },
      { gets: NO },
      { sees: post('hi', 'Content-Length: 2') },
      { reply: NO },
      { gets: NO },
      ...probe(),
    ],
  },
  {
    rfc: '9113 §3.4',
    name: 'the preface of HTTP/2 behind a request is refused with 505',
    steps: [
      { send: `${get()}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n` },
      { sees: get() },
      { reply: NO },
      { gets: NO },
      { refused: { status: 505, code: 'ST1003' } },
      { closed: 'client' },
    ],
  },
  refuses('9113 §3.4', 'PRI * HTTP/1.1 is refused', head('PRI * HTTP/1.1', 'Host: a')),
  refuses('9113 §3.4', 'PRI / HTTP/2.0 is refused with 505', head('PRI / HTTP/2.0'), 505),
  passes('9113 §3.4', 'PRI / HTTP/1.1 is a method like any other', head('PRI / HTTP/1.1', 'Host: a')),
  passes(
    '9113 §3.4',
    'a PRI that has the second half of the preface as its body passes',
    head('PRI / HTTP/1.1', 'Host: a', 'Content-Length: 6') + 'SM\r\n\r\n',
  ),
]
