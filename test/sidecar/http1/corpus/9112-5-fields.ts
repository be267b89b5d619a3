// RFC 9112 §5 and RFC 9110 §5: field lines of a request, and how many and how long they may be.

import { type Case, get, head, passes, refuses } from './case.ts'

const line = (text: string) => head('GET / HTTP/1.1', text, 'Host: a')
const lastLine = (text: string) => head('GET / HTTP/1.1', 'Host: a', text)
const many = (count: number) => get(...Array.from({ length: count - 1 }, (_, index) => `X-${index}: ${index}`))

/** A head of exactly so many bytes. */
function sized(bytes: number): string {
  const empty = get('X: ')
  return get(`X: ${'v'.repeat(bytes - empty.length)}`)
}

const OBS_TEXT = Array.from({ length: 128 }, (_, index) => String.fromCharCode(128 + index)).join('')
const VISIBLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

const names: readonly Case[] = [
  passes('9110 §5.1', 'a field name of all the marks that a token may have passes', line("!#$%&'*+-.^_`|~0: 1")),
  passes('9110 §5.1', 'field names keep their case', get('x-a: 1', 'X-A: 2', 'X-a: 3')),
  passes('9110 §5.1', 'a field that nobody knows passes', get('X-Unheard-Of: 1')),
  passes('9110 §5.1', 'a field name of 1,000 bytes passes', get(`${'N'.repeat(1000)}: 1`)),
  passes('9110 §5.3', 'lines of one name stay apart and in order', get('B: 1', 'A: 1', 'B: 2', 'A: 2')),
  passes(
    '9110 §5.3',
    'Cookie and Set-Cookie lines stay as they are',
    get('Cookie: a=1', 'Cookie: b=2', 'Set-Cookie: c, d'),
  ),
  refuses('9112 §5', 'a line without a colon is refused', lastLine('X')),
  refuses('9112 §5', 'a first line without a colon is refused', line('Host')),
  refuses('9112 §5', 'a line without a name is refused', lastLine(': 1')),
  refuses('9112 §5', 'a line that is only a colon is refused', lastLine(':')),
  refuses('9112 §5.1', 'a space before the colon is refused', lastLine('X : 1')),
  refuses('9112 §5.1', 'a tab before the colon is refused', lastLine('X\t: 1')),
  refuses('9112 §5.1', 'a space before the colon of Content-Length is refused', lastLine('Content-Length : 5')),
  refuses(
    '9112 §5.1',
    'a space before the colon of Transfer-Encoding is refused',
    lastLine('Transfer-Encoding : chunked'),
  ),
  refuses('9112 §5.1', 'a space before the colon of Host is refused', head('GET / HTTP/1.1', 'Host : a')),
  refuses('9112 §5.1', 'a space in a name is refused', lastLine('X Y: 1')),
  ...[
    '\0',
    '\x01',
    '\x0b',
    '\x0c',
    '\x1f',
    '\x7f',
    '\x80',
    '\xa0',
    '\xe9',
    '(',
    ')',
    '/',
    '@',
    '[',
    ']',
    '{',
    '}',
    '"',
    ',',
    ';',
    '<',
    '=',
    '>',
    '?',
    '\\',
  ].map((byte) =>
    refuses('9110 §5.1', `the byte ${byte.charCodeAt(0)} in a field name is refused`, lastLine(`X${byte}Y: 1`)),
  ),
  refuses('9110 §5.1', 'a carriage return in a field name is refused', lastLine('X\rY: 1')),
  refuses('9110 §5.1', 'a line feed in a field name is refused', lastLine('X\nY: 1')),
]

const values: readonly Case[] = [
  passes('9112 §5.1', 'a value without a space before it passes as it is', get('X:1')),
  passes('9112 §5.1', 'white space around a value stays as it is', get('X: \t 1 \t ')),
  passes('9110 §5.5', 'an empty value passes', get('X:')),
  passes('9110 §5.5', 'a value of white space only passes', get('X:  \t ')),
  passes('9110 §5.5', 'a value of all visible bytes passes', get(`X: !${VISIBLE}~`)),
  passes('9110 §5.5', 'a value of bytes over 127 passes as it is', get(`X: ${OBS_TEXT}`)),
  passes('9110 §5.5', 'a tab inside a value passes as it is', get('X: a\tb')),
  passes('9110 §5.5', 'colons in a value pass', get('X: : a:b:')),
  passes('9110 §5.6.4', 'a quoted string with commas and escapes passes as it is', get('X: "a,\\"b\\", \\\\", c')),
  ...['\0', '\x01', '\x08', '\x0b', '\x0c', '\x0e', '\x1b', '\x1f', '\x7f'].map((byte) =>
    refuses('9110 §5.5', `the control byte ${byte.charCodeAt(0)} in a value is refused`, lastLine(`X: a${byte}b`)),
  ),
  refuses('9110 §5.5', 'a NUL byte at the start of a value is refused', lastLine('X: \0')),
  refuses('9110 §5.5', 'a NUL byte at the end of a value is refused', lastLine('X: a\0')),
  refuses('9110 §5.5', 'a bare line feed in a value is refused', lastLine('X: a\nb: c')),
  refuses(
    '9110 §5.5',
    'a bare carriage return at the end of a value is refused',
    'GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n',
  ),
  refuses('9112 §5.2', 'a line folded with a space is refused', lastLine('X: a\r\n b')),
  refuses('9112 §5.2', 'a line folded with a tab is refused', lastLine('X: a\r\n\tb')),
  refuses('9112 §5.2', 'a line folded before its value is refused', lastLine('X:\r\n b')),
  refuses('9112 §5.2', 'a fold of white space only is refused', lastLine('X: a\r\n ')),
  refuses('9112 §5.2', 'a folded Host is refused', head('GET / HTTP/1.1', 'Host: a\r\n b')),
  refuses('9112 §5.2', 'a folded Content-Length is refused', get('Content-Length: 1\r\n 2')),
  refuses('9112 §5.2', 'a folded Transfer-Encoding is refused', get('Transfer-Encoding:\r\n chunked')),
]

const limits: readonly Case[] = [
  passes('9110 §5.4', 'a head of 100 lines passes', many(100)),
  passes('9110 §5.4', 'a head of 1,000 lines passes', many(1000)),
  refuses('9110 §5.4', 'a head of 1,001 lines is refused with 431', many(1001), 431),
  refuses('9110 §5.4', 'a head of 5,000 lines is refused with 431', many(5000), 431),
  passes('9110 §5.4', 'a head of 64 KiB passes', sized(64 * 1024)),
  passes('9110 §5.4', 'a head of 128 KiB passes', sized(128 * 1024)),
  refuses('9110 §5.4', 'a head of 128 KiB and one byte is refused with 431', sized(128 * 1024 + 1), 431),
  refuses(
    '9110 §5.4',
    'a value that never ends is refused with 431',
    get().slice(0, -2) + `X: ${'v'.repeat(140_000)}`,
    431,
  ),
  refuses('9112 §3', 'a target that never ends is refused with 431', `GET /${'a'.repeat(140_000)}`, 431),
  refuses('9112 §3', 'a method that never ends is refused with 431', 'M'.repeat(140_000), 431),
  refuses(
    '9110 §5.4',
    'a field name that never ends is refused with 431',
    `GET / HTTP/1.1\r\n${'N'.repeat(140_000)}`,
    431,
  ),
]

export const fields: readonly Case[] = [...names, ...values, ...limits]
