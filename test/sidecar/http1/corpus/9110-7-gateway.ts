// RFC 9110 §6 and §7, RFC 9112 §9.3: duties of gateways that a transparent sidecar leaves to those it stands between (ADR 7).

import { type Case, type Passing, OK, answers, get, head, passes, post } from './case.ts'

const CLOSES: Passing = { closes: true }
const ok = (...fields: readonly string[]) => `${head('HTTP/1.1 200 OK', ...fields, 'Content-Length: 2')}ok`

const nominated: readonly Case[] = [
  ...[
    'X-Mine',
    'Cookie',
    'Authorization',
    'X-Forwarded-For',
    'baggage',
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Date',
  ].map((name) =>
    passes(
      '9110 §7.6.1',
      `a request field that Connection names stays: ${name}`,
      post('hi', `Connection: keep-alive, ${name}`, 'X-Mine: 1', 'Cookie: a=b', 'Content-Length: 2'),
    ),
  ),
  passes(
    '9110 §7.6.1',
    'a key in a field that Connection names routes all the same',
    get('Connection: baggage', 'baggage: sidetrack=pr-42'),
    {
      at: 'pr-42',
    },
  ),
  passes(
    '9110 §7.6.1',
    'framing fields that Connection names frame all the same',
    post('2\r\nhi\r\n0\r\n\r\n', 'Connection: transfer-encoding', 'Transfer-Encoding: chunked'),
  ),
  answers('9110 §7.6.1', 'a response field that Connection names stays', ok('Connection: X-Mine', 'X-Mine: 1')),
  passes(
    '9110 §7.6.1',
    'a Connection line of 2,000 options passes',
    get(`Connection: ${Array.from({ length: 2000 }, (_, index) => `o${index}`).join(', ')}`),
  ),
  passes('9110 §7.6.1', 'close in a quoted string is not the option', get('Connection: "close"')),
  passes('9110 §7.6.1', 'close with a parameter is not the option', get('Connection: close;a=b')),
  passes('9110 §7.6.1', 'close in Proxy-Connection counts for nothing', get('Proxy-Connection: close')),
  passes('9110 §7.6.1', 'close in Keep-Alive counts for nothing', get('Keep-Alive: close')),
  passes('9110 §7.6.1', 'close behind a tab counts', get('Connection: x,\tclose\t'), CLOSES),
  passes('9110 §5.6.1', 'close counts beside empty elements', get('Connection: ,, close,'), CLOSES),
  answers('9110 §5.6.1', 'close of a response counts beside empty elements', ok('Connection: ,, close ,'), CLOSES),
  answers('9110 §5.3', 'close of a response counts on a second line', ok('Connection: x', 'connection: Close'), CLOSES),
]

const duties: readonly Case[] = [
  passes(
    '9110 §7.6.2',
    'OPTIONS with Max-Forwards: 0 is forwarded',
    head('OPTIONS * HTTP/1.1', 'Host: a', 'Max-Forwards: 0'),
  ),
  passes(
    '9110 §7.6.2',
    'TRACE with Max-Forwards: 0 is forwarded',
    head('TRACE / HTTP/1.1', 'Host: a', 'Max-Forwards: 0'),
  ),
  passes(
    '9110 §7.6.2',
    'Max-Forwards that is no number is forwarded',
    head('TRACE / HTTP/1.1', 'Host: a', 'Max-Forwards: x'),
  ),
  passes('9110 §7.6.3', 'no Via is added to a request or its response', get('User-Agent: x')),
  passes('9110 §7.6.3', 'a Via with a comment stays as it is', get('Via: 1.0 fred, 1.1 p.example.net (a "b" \\))')),
  answers('9110 §6.6.1', 'no Date is added to a response', ok('Server: x')),
  answers('9110 §6.6.1', 'a Date that is none stays', ok('Date: yesterday')),
  passes(
    '9112 §3.2.4',
    'OPTIONS of an absolute target without a path is not turned into an asterisk',
    head('OPTIONS http://a HTTP/1.1', 'Host: a'),
  ),
  passes(
    '9112 §3.2.2',
    'a target in absolute form is not turned into one in origin form',
    head('PUT http://a:80/x?y HTTP/1.1', 'Host: a:80'),
  ),
  passes(
    '9112 §9.3',
    'HTTP/1.0 with keep-alive keeps its connection, although a proxy need not',
    head('GET / HTTP/1.0', 'Connection: keep-alive'),
    {
      reply: ok('Connection: keep-alive'),
    },
  ),
  passes(
    '9110 §15.2',
    'an interim response reaches a client of HTTP/1.0 if its server sends one',
    head('GET / HTTP/1.0', 'Host: a'),
    {
      reply: head('HTTP/1.1 103 Early Hints') + OK,
      closes: true,
    },
  ),
  passes('9110 §2.5', 'a request keeps its version', head('GET / HTTP/1.0', 'Host: a'), CLOSES),
  answers('9110 §2.5', 'a response keeps its version', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', CLOSES),
  passes('9110 §7.7', 'a path is not normalised', head('GET /a/./b/../%7Ec//d?%3f HTTP/1.1', 'Host: a')),
  passes(
    '9110 §7.7',
    'no-transform and what it would keep stay as they are',
    get('Cache-Control: no-transform', 'Accept-Encoding: gzip;q=0'),
  ),
  passes('9110 §9.3.8', 'TRACE is not answered here', head('TRACE /secret HTTP/1.1', 'Host: a', 'Cookie: a=b')),
  passes('9110 §11.7.2', 'Proxy-Authorization stays', get('Proxy-Authorization: Basic eDp5')),
  answers(
    '9110 §11.7.1',
    '407 and Proxy-Authenticate stay',
    head('HTTP/1.1 407 No', 'Proxy-Authenticate: Basic', 'Content-Length: 0'),
  ),
  answers(
    '9110 §15.5.22',
    '426 with Upgrade stays',
    head('HTTP/1.1 426 Upgrade Required', 'Upgrade: TLS/1.3', 'Connection: Upgrade', 'Content-Length: 0'),
  ),
]

export const gateway: readonly Case[] = [...nominated, ...duties]
