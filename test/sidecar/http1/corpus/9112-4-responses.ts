// RFC 9112 §4 and §5 for responses: status lines, and field lines that a proxy mends.

import { type Case, OK, answers, head, spoils } from './case.ts'

const ok = (...fields: readonly string[]) => `${head('HTTP/1.1 200 OK', ...fields, 'Content-Length: 2')}ok`

const statusLines: readonly Case[] = [
  ...[
    '200 OK',
    '200 ',
    '200',
    '404 Not Found',
    '299 Whatever',
    '500 \xfcber',
    '599 a\tb',
    '600 Beyond',
    '999 X',
    '200  two spaces',
  ].map((text) =>
    answers(
      '9112 §4',
      `the status line ${JSON.stringify(text)} passes as it is`,
      `${head(`HTTP/1.1 ${text}`, 'Content-Length: 2')}ok`,
    ),
  ),
  answers(
    '9112 §4',
    'a reason phrase of 10,000 bytes passes',
    `${head(`HTTP/1.1 200 ${'r'.repeat(10_000)}`, 'Content-Length: 2')}ok`,
  ),
  answers(
    '9112 §2.3',
    'a response of a later minor version passes',
    `${head('HTTP/1.2 200 OK', 'Content-Length: 2')}ok`,
  ),
  spoils('9112 §4', 'bytes that are no response become 502', 'hello, world\r\n'),
  spoils('9112 §4', 'a response without a version becomes 502', head('200 OK')),
  spoils('9112 §4', 'another protocol becomes 502', head('ICY 200 OK')),
  spoils('9112 §4', 'a protocol in lower case becomes 502', head('http/1.1 200 OK')),
  spoils('9112 §4', 'HTTP/2.0 becomes 502', head('HTTP/2.0 200 OK')),
  spoils('9112 §4', 'a version with two digits becomes 502', head('HTTP/1.10 200 OK')),
  spoils('9112 §4', 'two spaces before the status become 502', head('HTTP/1.1  200 OK')),
  spoils('9112 §4', 'a status of two digits becomes 502', head('HTTP/1.1 20 OK')),
  spoils('9112 §4', 'a status of four digits becomes 502', head('HTTP/1.1 2000 OK')),
  spoils('9112 §4', 'a status with a letter becomes 502', head('HTTP/1.1 2x0 OK')),
  spoils('9112 §4', 'a status under 100 becomes 502', head('HTTP/1.1 099 OK')),
  spoils('9112 §4', 'a negative status becomes 502', head('HTTP/1.1 -20 OK')),
  spoils('9112 §4', 'a NUL byte in the reason phrase becomes 502', head('HTTP/1.1 200 O\0K')),
  spoils('9112 §4', 'a bare carriage return in the reason phrase becomes 502', head('HTTP/1.1 200 O\rK')),
  spoils('9112 §2.2', 'an empty line before the response becomes 502', `\r\n${OK}`),
]

const fields: readonly Case[] = [
  answers(
    '9110 §5.3',
    'lines of a response stay in order and in their case',
    ok('sEt-Cookie: a=1', 'X: ', 'Set-Cookie: b=2'),
  ),
  answers('9110 §5.5', 'bytes over 127 in a value pass as they are', ok('X: \xe9\xff')),
  answers('9112 §5.1', 'white space between a name and its colon is taken out', ok('X : 1', 'Y\t \t: 2'), {
    gets: ok('X: 1', 'Y: 2'),
  }),
  answers(
    '9112 §5.1',
    'white space before the colon of Content-Length is taken out',
    'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok',
    { gets: OK },
  ),
  answers('9112 §5.2', 'a folded line becomes one line with spaces', ok('X: a\r\n b'), { gets: ok('X: a   b') }),
  answers('9112 §5.2', 'a line folded with a tab becomes one line with spaces', ok('X: a\r\n\tb\r\n  c'), {
    gets: ok('X: a   b    c'),
  }),
  answers('9112 §5.2', 'a line folded before its value becomes one line', ok('X:\r\n a'), { gets: ok('X:   a') }),
  answers(
    '9112 §5.2',
    'a folded Content-Length is read as one line',
    'HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok',
    { gets: 'HTTP/1.1 200 OK\r\nContent-Length:   2\r\n\r\nok' },
  ),
  answers('9112 §2.2', 'a response with bare line feeds passes as it is', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  answers(
    '9110 §5.4',
    'a response of 1,000 lines passes',
    ok(...Array.from({ length: 999 }, (_, index) => `X: ${index}`)),
  ),
  answers('9110 §5.4', 'a response head of 100,000 bytes passes', ok(`X: ${'v'.repeat(100_000)}`)),
  answers(
    '9110 §7.6.1',
    'Connection, Keep-Alive and Via of a response stay as they are',
    ok('Connection: keep-alive', 'Keep-Alive: timeout=5', 'Via: 1.1 b'),
  ),
  spoils(
    '9110 §5.4',
    'a response of 1,001 lines becomes 502',
    ok(...Array.from({ length: 1000 }, (_, index) => `X: ${index}`)),
  ),
  spoils('9110 §5.4', 'a response head of 140,000 bytes becomes 502', ok(`X: ${'v'.repeat(140_000)}`)),
  spoils('9112 §5', 'a line without a colon becomes 502', ok('X')),
  spoils('9112 §5', 'a line without a name becomes 502', ok(': 1')),
  spoils('9110 §5.1', 'a space in a name becomes 502', ok('X Y: 1')),
  spoils('9110 §5.1', 'a control byte in a name becomes 502', ok('X\x01: 1')),
  spoils('9110 §5.5', 'a NUL byte in a value becomes 502', ok('X: a\0b')),
  spoils('9110 §5.5', 'a bare carriage return in a value becomes 502', ok('X: a\rb')),
  spoils('9112 §5.2', 'a folded first line becomes 502', ok(' X: 1')),
]

export const responseHeads: readonly Case[] = [...statusLines, ...fields]
