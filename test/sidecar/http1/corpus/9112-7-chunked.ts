// RFC 9112 §7: chunked bodies of requests.

import { type Case, OK, breaks, passes, post, probe } from './case.ts'

const chunked = (body: string) => post(body, 'Transfer-Encoding: chunked')

const good: readonly Case[] = [
  passes('9112 §7.1', 'an empty chunked body passes', chunked('0\r\n\r\n')),
  passes('9112 §7.1', 'one chunk passes', chunked('5\r\nhello\r\n0\r\n\r\n')),
  passes('9112 §7.1', 'several chunks pass', chunked('1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n')),
  passes('9112 §7.1', 'a size in capital letters passes', chunked('A\r\n0123456789\r\n0\r\n\r\n')),
  passes('9112 §7.1', 'a size in small letters passes', chunked('a\r\n0123456789\r\n0\r\n\r\n')),
  passes('9112 §7.1', 'a size of two digits passes', chunked(`1f\r\n${'x'.repeat(31)}\r\n0\r\n\r\n`)),
  passes('9112 §7.1', 'a size with leading zeros passes', chunked('0005\r\nhello\r\n0\r\n\r\n')),
  passes('9112 §7.1', 'a last chunk of several zeros passes', chunked('5\r\nhello\r\n0000\r\n\r\n')),
  passes('9112 §7.1', 'chunk data may be anything', chunked('a\r\n0\r\n\r\n\0\xffGET\r\n0\r\n\r\n')),
  passes('9112 §7.1', 'a chunk of 100,000 bytes passes', chunked(`186a0\r\n${'x'.repeat(100_000)}\r\n0\r\n\r\n`)),
  passes('9112 §7.1', 'a thousand chunks of one byte pass', chunked(`${'1\r\nx\r\n'.repeat(1000)}0\r\n\r\n`)),
  passes('9112 §7.1.1', 'a chunk extension passes', chunked('5;a\r\nhello\r\n0\r\n\r\n')),
  passes('9112 §7.1.1', 'a chunk extension with a value passes', chunked('5;a=b\r\nhello\r\n0;c=d\r\n\r\n')),
  passes(
    '9112 §7.1.1',
    'a chunk extension with a quoted value passes',
    chunked('5;a="b;c, \\"d"\r\nhello\r\n0\r\n\r\n'),
  ),
  passes('9112 §7.1.1', 'white space before a chunk extension passes', chunked('5 ;a=b\r\nhello\r\n0\t; c\r\n\r\n')),
  passes(
    '9112 §7.1.1',
    'a long chunk extension on every chunk passes',
    chunked(
      '5;signature=0123456789abcdef\r\nhello\r\n5;signature=0123456789abcdef\r\nworld\r\n0;signature=0123456789abcdef\r\n\r\n',
    ),
  ),
  passes('9112 §7.1.1', 'a chunk extension with bytes over 127 passes', chunked('5;a="\xe9"\r\nhello\r\n0\r\n\r\n')),
  passes('9112 §7.1.2', 'a trailer passes', chunked('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n')),
  passes('9112 §7.1.2', 'several trailers pass as they are', chunked('0\r\na: 1\r\nB:2\r\na:  3 \r\n\r\n')),
  passes('9112 §7.1.2', 'a trailer with an empty value passes', chunked('0\r\nX:\r\n\r\n')),
  passes('9112 §7.1.2', 'a trailer with bytes over 127 passes', chunked('0\r\nX: \xe9\r\n\r\n')),
  passes(
    '9110 §6.6.2',
    'trailers that were announced pass',
    post('0\r\nX: 1\r\n\r\n', 'Transfer-Encoding: chunked', 'Trailer: X'),
  ),
  passes(
    '9110 §6.5.1',
    'a trailer that looks like framing frames nothing',
    chunked('0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n\r\n'),
  ),
  passes('9110 §6.5.1', 'a trailer with a key routes nothing', chunked('0\r\nbaggage: sidetrack=pr-42\r\n\r\n')),
  {
    rfc: '9112 §7.1',
    name: 'what follows a chunked body is the next request',
    steps: [
      { send: `${chunked('5\r\nhello\r\n0\r\n\r\n')}GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n` },
      { sees: chunked('5\r\nhello\r\n0\r\n\r\n') },
      { reply: OK },
      { gets: OK },
      ...probe().slice(1),
    ],
  },
]

const bad: readonly Case[] = [
  breaks('9112 §7.1', 'a chunk without a size is refused', chunked('\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size that is not hexadecimal is refused', chunked('g\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a negative size is refused', chunked('-5\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size with a plus sign is refused', chunked('+5\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size with 0x is refused', chunked('0x5\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size with an underscore is refused', chunked('0_5\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size with a decimal point is refused', chunked('5.0\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'white space before a size is refused', chunked(' 5\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'white space after a size is refused', chunked('5 \r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a tab after a size is refused', chunked('5\t\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'two sizes are refused', chunked('5 5\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size over 2^52 is refused', chunked('fffffffffffffff\r\nhello')),
  breaks('9112 §7.1', 'a size over 2^64 is refused', chunked('10000000000000005\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size line that ends in a bare line feed is refused', chunked('5\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a size line that ends in a bare carriage return is refused', chunked('5\rhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a NUL byte after a size is refused', chunked('5\0\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'a byte over 127 after a size is refused', chunked('5\xa0\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'data longer than its size is refused', chunked('5\r\nhello!\r\n0\r\n\r\n')),
  breaks(
    '9112 §7.1',
    'data with another byte in place of its carriage return is refused',
    chunked('5\r\nhello!\n0\r\n\r\n'),
  ),
  breaks('9112 §7.1', 'data shorter than its size is refused', chunked('5\r\nhell\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'data that ends in a bare line feed is refused', chunked('5\r\nhello\n0\r\n\r\n')),
  breaks('9112 §7.1', 'data that ends in a bare carriage return is refused', chunked('5\r\nhello\r0\r\n\r\n')),
  breaks('9112 §7.1', 'data with no line end behind it is refused', chunked('5\r\nhello0\r\n\r\n')),
  breaks('9112 §7.1.1', 'a bare line feed in a chunk extension is refused', chunked('5;a\nhello\r\n0\r\n\r\n')),
  breaks(
    '9112 §7.1.1',
    'a bare line feed in a quoted extension value is refused',
    chunked('5;a="\n"\r\nhello\r\n0\r\n\r\n'),
  ),
  breaks(
    '9112 §7.1.1',
    'a line end in a quoted extension value ends the line',
    chunked('5;a="\r\nx"\r\nhello\r\n0\r\n\r\n'),
  ),
  breaks(
    '9112 §7.1.1',
    'a bare carriage return in a chunk extension is refused',
    chunked('5;a\rb\r\nhello\r\n0\r\n\r\n'),
  ),
  breaks('9112 §7.1.1', 'a NUL byte in a chunk extension is refused', chunked('5;\0\r\nhello\r\n0\r\n\r\n')),
  breaks('9112 §7.1.1', 'an extension without its semicolon is refused', chunked('5 a=b\r\nhello\r\n0\r\n\r\n')),
  breaks(
    '9112 §7.1.1',
    'a chunk extension of 20,000 bytes is refused',
    chunked(`5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`),
  ),
  breaks(
    '9112 §7.1.1',
    'chunk extensions of 100,000 bytes in all are refused',
    chunked(`${`1;${'a'.repeat(1000)}\r\nx\r\n`.repeat(100)}0\r\n\r\n`),
  ),
  breaks('9112 §7.1.2', 'a trailer without a colon is refused', chunked('0\r\nX\r\n\r\n')),
  breaks('9112 §7.1.2', 'a trailer without a name is refused', chunked('0\r\n: 1\r\n\r\n')),
  breaks('9112 §7.1.2', 'a space before the colon of a trailer is refused', chunked('0\r\nX : 1\r\n\r\n')),
  breaks('9112 §7.1.2', 'a folded trailer is refused', chunked('0\r\nX: 1\r\n 2\r\n\r\n')),
  breaks('9112 §7.1.2', 'a trailer that ends in a bare line feed is refused', chunked('0\r\nX: 1\nY: 2\r\n\r\n')),
  breaks('9112 §7.1.2', 'a bare carriage return in a trailer is refused', chunked('0\r\nX: 1\r2\r\n\r\n')),
  breaks('9112 §7.1.2', 'a NUL byte in a trailer is refused', chunked('0\r\nX: \0\r\n\r\n')),
  breaks('9112 §7.1.2', 'a control byte in the name of a trailer is refused', chunked('0\r\nX\x01: 1\r\n\r\n')),
  breaks('9112 §7.1.2', 'a bare line feed in place of the last empty line is refused', chunked('0\r\n\n')),
  breaks('9112 §7.1.2', 'a bare carriage return in place of the last empty line is refused', chunked('0\r\n\rX')),
  breaks(
    '9112 §7.1.2',
    'trailers of 100,000 bytes are refused',
    chunked(`0\r\n${`X: ${'v'.repeat(1000)}\r\n`.repeat(100)}\r\n`),
  ),
  breaks('9112 §7.1', 'a body that is not chunked where it should be is refused', chunked('hello')),
]

export const chunkedRequests: readonly Case[] = [...good, ...bad]
