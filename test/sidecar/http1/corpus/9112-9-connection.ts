// RFC 9112 §9: how long a connection lives, pipelining, and ends from either side.

import { type Case, OK, type Passing, type Step, get, head, passes, post, probe } from './case.ts'

const CLOSES: Passing = { closes: true }
const http10 = (...fields: readonly string[]) => head('GET / HTTP/1.0', 'Host: a', ...fields)
const reply = (...fields: readonly string[]) => `${head('HTTP/1.1 200 OK', 'Content-Length: 2', ...fields)}ok`
const two: readonly Step[] = [{ reply: OK }, { gets: OK }]

export const connection: readonly Case[] = [
  passes('9112 §9.3', 'HTTP/1.1 keeps its connection', get()),
  passes('9112 §9.3', 'HTTP/1.1 with keep-alive keeps its connection', get('Connection: keep-alive')),
  passes('9112 §9.3', 'HTTP/1.1 with close ends its connection', get('Connection: close'), CLOSES),
  passes('9112 §9.3', 'close counts in any case', get('cONNECTION: ClOsE'), CLOSES),
  passes('9112 §9.3', 'close counts among other options', get('Connection: foo, close ,bar'), CLOSES),
  passes('9112 §9.3', 'close counts on a second line', get('Connection: foo', 'Connection: close'), CLOSES),
  passes('9112 §9.3', 'close in a longer word does not count', get('Connection: closed, xclose')),
  passes(
    '9112 §9.3',
    'close with a byte behind it that is no white space does not count',
    get('Connection: close\xa0'),
  ),
  passes('9110 §7.6.1', 'a Connection field with empty elements passes', get('Connection: , ,')),
  passes('9112 §9.3', 'HTTP/1.0 ends its connection', http10(), CLOSES),
  passes('9112 §9.3', 'HTTP/1.0 with close ends its connection', http10('Connection: close'), CLOSES),
  passes('9112 §9.3', 'HTTP/1.0 with keep-alive keeps its connection', http10('Connection: keep-alive'), {
    reply: reply('Connection: keep-alive'),
  }),
  passes('9112 §9.3', 'keep-alive counts in any case', http10('Connection: Keep-Alive'), {
    reply: reply('Connection: Keep-Alive'),
  }),
  passes('9112 §9.3', 'close wins over keep-alive', http10('Connection: close, keep-alive'), CLOSES),
  passes('9112 §9.3', 'close wins over keep-alive in HTTP/1.1 too', get('Connection: keep-alive, close'), CLOSES),
  passes('9112 §9.3', 'a response with close ends the connection', get(), {
    reply: reply('Connection: close'),
    closes: true,
  }),
  passes('9112 §9.3', 'a response of HTTP/1.0 ends the connection', get(), {
    reply: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    closes: true,
  }),
  passes('9112 §9.3', 'a response of HTTP/1.0 with keep-alive keeps the connection', get(), {
    reply: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
  }),
  passes('9112 §9.3', 'a response of HTTP/1.0 with close and keep-alive ends the connection', get(), {
    reply: 'HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nok',
    closes: true,
  }),
  passes(
    '9112 §9.3',
    'a body in HTTP/1.0 with keep-alive passes',
    `${head('POST / HTTP/1.0', 'Content-Length: 2', 'Connection: keep-alive')}hi`,
    {
      reply: reply('Connection: keep-alive'),
    },
  ),
  passes(
    '9110 §7.6.1',
    'Keep-Alive, TE and Proxy-Connection stay as they are',
    get('Connection: keep-alive, TE', 'Keep-Alive: timeout=5', 'TE: trailers', 'Proxy-Connection: keep-alive'),
  ),
  passes(
    '9110 §7.6.2',
    'Max-Forwards and Via stay as they are',
    head('TRACE / HTTP/1.1', 'Host: a', 'Max-Forwards: 3', 'Via: 1.1 b'),
  ),
  {
    rfc: '9112 §9.6',
    name: 'nothing behind a request with close is forwarded',
    steps: [
      { send: get('Connection: close') + get() },
      { sees: get('Connection: close') },
      ...two,
      { closed: 'client' },
    ],
  },
  {
    rfc: '9112 §9.6',
    name: 'a client that ends after its request gets its answer, and the upstream its end',
    steps: [{ send: get() }, { sees: get() }, { ends: 'client' }, { closed: 'baseline' }, ...two, { closed: 'client' }],
  },
  {
    rfc: '9112 §9.3.2',
    name: 'requests that come together are answered one after the other',
    steps: [
      { send: get('X: 1') + post('hi', 'Content-Length: 2') + get('X: 3') },
      { sees: get('X: 1') },
      ...two,
      { sees: post('hi', 'Content-Length: 2') },
      ...two,
      { sees: get('X: 3') },
      ...two,
      ...probe(),
    ],
  },
  {
    rfc: '9112 §9.3.2',
    name: 'a client that ends behind two requests gets both answers',
    steps: [
      { send: get('X: 1') + get('X: 2') },
      { ends: 'client' },
      { sees: get('X: 1') },
      ...two,
      { sees: get('X: 2') },
      { closed: 'baseline' },
      ...two,
      { closed: 'client' },
    ],
  },
  {
    rfc: '9112 §9.5',
    name: 'an upstream that ends without an answer ends the connection without one',
    steps: [{ send: get() }, { sees: get() }, { ends: 'baseline' }, { closed: 'client' }],
  },
  {
    rfc: '9112 §9.5',
    name: 'an upstream that resets without an answer resets the connection',
    steps: [{ send: get() }, { sees: get() }, { resets: 'baseline' }, { closed: 'client', reset: true }],
  },
  {
    rfc: '9112 §9.5',
    name: 'a baseline that ends an idle connection ends the client’s',
    steps: [{ send: get() }, { sees: get() }, ...two, { ends: 'baseline' }, { closed: 'client' }],
  },
  {
    rfc: '9112 §9.5',
    name: 'what a baseline says on an idle connection is not passed on',
    steps: [
      { send: get() },
      { sees: get() },
      ...two,
      { reply: 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n' },
      { closed: 'client' },
    ],
  },
]
