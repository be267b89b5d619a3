// RFC 9112 §2: messages, line ends, the version.

import { type Case, OK, PROBE, get, head, passes, probe, refuses } from './case.ts'

export const message: readonly Case[] = [
  passes('9112 §2.1', 'a request with a Host and nothing else passes', get()),
  passes(
    '9112 §2.1',
    'the bytes of a body are not looked at',
    head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 16') + '\0\r\n\r\n\xff\x80GET / HT',
  ),
  passes('9112 §2.2', 'an empty line before the request is ignored', `\r\n${get()}`, { sees: get() }),
  passes('9112 §2.2', 'several empty lines before the request are ignored', `\r\n\r\n\r\n${get()}`, { sees: get() }),
  {
    rfc: '9112 §2.2',
    name: 'an empty line after a body is ignored',
    steps: [
      { send: `${head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 2')}hi\r\n` },
      { sees: `${head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 2')}hi` },
      { reply: OK },
      { gets: OK },
      ...probe(),
    ],
  },
  {
    rfc: '9112 §2.2',
    name: 'an empty line alone is no request',
    steps: [{ send: '\r\n' }, { ends: 'client' }, { closed: 'client' }],
  },
  {
    rfc: '9112 §2.2',
    name: 'half an empty line alone is no request',
    steps: [{ send: '\r' }, { ends: 'client' }, { closed: 'client' }],
  },
  refuses('9112 §2.2', 'a bare line feed before the request is refused', `\n${get()}`),
  refuses('9112 §2.2', 'a bare carriage return before the request is refused', `\r${get()}`),
  refuses('9112 §2.2', 'a request line that ends in a bare line feed is refused', 'GET / HTTP/1.1\nHost: a\r\n\r\n'),
  refuses(
    '9112 §2.2',
    'a field line that ends in a bare line feed is refused',
    'GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n',
  ),
  refuses('9112 §2.2', 'a head that ends in a bare line feed is refused', 'GET / HTTP/1.1\r\nHost: a\r\n\n'),
  refuses('9112 §2.2', 'a head of bare line feeds only is refused', 'GET / HTTP/1.1\nHost: a\n\n'),
  refuses(
    '9112 §2.2',
    'a request line that ends in a bare carriage return is refused',
    'GET / HTTP/1.1\rHost: a\r\n\r\n',
  ),
  refuses('9112 §2.2', 'a bare carriage return in a value is refused', get('X: a\rb')),
  refuses(
    '9112 §2.2',
    'a bare carriage return in the request target is refused',
    'GET /\ra HTTP/1.1\r\nHost: a\r\n\r\n',
  ),
  refuses('9112 §2.2', 'two carriage returns before a line feed are refused', 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n'),
  refuses(
    '9112 §2.2',
    'a carriage return in place of the empty line is refused',
    'GET / HTTP/1.1\r\nHost: a\r\n\rX\r\n',
  ),
  refuses('9112 §2.2', 'white space before the first field line is refused', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'),
  refuses('9112 §2.2', 'a tab before the first field line is refused', 'GET / HTTP/1.1\r\n\tX: 1\r\nHost: a\r\n\r\n'),
  refuses('9112 §2.2', 'white space before the request line is refused', ` ${get()}`),
  refuses(
    '9112 §2.2',
    'a line of white space in place of the empty line is refused',
    'GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n',
  ),
  refuses('9112 §2.2', 'a NUL byte is refused', '\0'),
  refuses('9112 §2.2', 'bytes that are no method are refused', '{"a": 1}\r\n'),

  passes('9112 §2.3', 'HTTP/1.0 passes, and its connection ends', head('GET / HTTP/1.0', 'Host: a'), { closes: true }),
  refuses('9112 §2.3', 'HTTP/2.0 is refused with 505', head('GET / HTTP/2.0', 'Host: a'), 505),
  refuses('9112 §2.3', 'HTTP/0.9 with a version is refused with 505', head('GET / HTTP/0.9', 'Host: a'), 505),
  refuses('9112 §2.3', 'HTTP/3.0 is refused with 505', head('GET / HTTP/3.0', 'Host: a'), 505),
  refuses('9112 §2.3', 'a version in lower case is refused', head('GET / http/1.1', 'Host: a')),
  refuses('9112 §2.3', 'a version in mixed case is refused', head('GET / Http/1.1', 'Host: a')),
  refuses('9112 §2.3', 'a version without a minor number is refused', head('GET / HTTP/1', 'Host: a')),
  refuses('9112 §2.3', 'a version with two minor digits is refused', head('GET / HTTP/1.10', 'Host: a')),
  refuses('9112 §2.3', 'a version with two major digits is refused', head('GET / HTTP/01.1', 'Host: a')),
  refuses('9112 §2.3', 'a version with a comma is refused', head('GET / HTTP/1,1', 'Host: a')),
  refuses('9112 §2.3', 'a version with a letter is refused', head('GET / HTTP/1.x', 'Host: a')),
  refuses('9112 §2.3', 'another protocol name is refused', head('GET / HTTQ/1.1', 'Host: a')),
  refuses('9112 §2.3', 'a longer protocol name is refused', head('GET / HTTPS/1.1', 'Host: a')),
  refuses('9112 §2.3', 'a version without its slash is refused', head('GET / HTTP 1.1', 'Host: a')),
  refuses('9112 §2.3', 'a request line without a version is refused', 'GET /\r\n\r\n'),
  refuses('9112 §2.3', 'a request line with a space in place of a version is refused', 'GET / \r\n\r\n'),

  {
    rfc: '9112 §2.2',
    name: 'a first request is answered before a second, broken one is refused',
    steps: [
      { send: `${get()}G ET / HTTP/1.1\r\n\r\n` },
      { sees: get() },
      { reply: OK },
      { gets: OK },
      { refused: { status: 400, code: 'ST1001' } },
      { closed: 'client' },
    ],
  },
  {
    rfc: '9112 §2.2',
    name: 'after a refused request nothing more is read',
    steps: [
      { send: `GET /\0 HTTP/1.1\r\n\r\n${PROBE}` },
      { refused: { status: 400, code: 'ST1001' } },
      { closed: 'client' },
    ],
  },
]
