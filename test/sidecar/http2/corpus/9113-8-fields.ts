// RFC 9113 §8.2 for requests: names and values of fields, and those that belong to one HTTP/1 connection.

import { GET, having, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, malformed, passes } from './case.ts'

const NAMES: Readonly<Record<string, string>> = {
  'in upper case': 'X-UPPER',
  'that begins in upper case': 'X-Upper',
  'with one upper case letter': 'x-uppeR',
  'with a space': 'x y',
  'that ends in a space': 'x ',
  'that begins with a space': ' x',
  'with a tab': 'x\ty',
  'with NUL': 'x\0',
  'with LF': 'x\ny',
  'with CR': 'x\ry',
  'with CR LF and another field': 'x\r\ny: z',
  'with a control byte': 'x\x01',
  'with DEL': 'x\x7f',
  'with a byte above 127': 'x\xe9',
  'with a colon inside': 'x:y',
  'that ends in a colon': 'x:',
  'with a parenthesis': 'x(y)',
  'with a comma': 'x,y',
  'with a semicolon': 'x;y',
  'with an equals sign': 'x=y',
  'with a slash': 'x/y',
  'with a quotation mark': 'x"y',
  'with a bracket': 'x[y',
  'with a brace': 'x{y',
  'with an at sign': 'x@y',
  'with a backslash': 'x\\y',
  'that is empty': '',
}

const VALUES: Readonly<Record<string, string>> = {
  'with NUL': 'a\0b',
  'that begins with NUL': '\0',
  'with LF': 'a\nb',
  'with CR': 'a\rb',
  'with CR LF and another field': 'a\r\nb: c',
  'that ends in CR LF': 'a\r\n',
  'that begins with a space': ' a',
  'that ends with a space': 'a ',
  'that begins with a tab': '\ta',
  'that ends with a tab': 'a\t',
  'that is one space': ' ',
  'with a control byte': 'a\x01b',
  'with ESC': 'a\x1bb',
  'with DEL': 'a\x7fb',
}

export const requestFields: readonly Case[] = [
  ...Object.entries(NAMES).map(([what, name]) =>
    malformed('9113 §8.2.1', `a name ${what} is malformed`, plus(GET, [name, '1'])),
  ),
  ...Object.entries(VALUES).map(([what, value]) =>
    malformed('9113 §8.2.1', `a value ${what} is malformed`, plus(GET, ['x', value])),
  ),
  malformed('9113 §8.2.1', 'a pseudo-header field’s value with CR LF is malformed', having(GET, ':path', '/\r\nx: y')),
  malformed('9113 §8.2.1', 'a name in upper case in front of all pseudo-header fields is malformed', [
    ['X', '1'],
    ...GET,
  ]),
  malformed('9113 §8.2.1', 'a known name in upper case is malformed', plus(GET, ['Accept', '*/*'])),
  passes('9113 §8.2.1', 'an empty value passes', plus(GET, ['x', ''])),
  passes('9113 §8.2.1', 'a tab inside a value passes', plus(GET, ['x', 'a\tb'])),
  passes('9113 §8.2.1', 'bytes above 127 in a value pass', plus(GET, ['x', '\xe9\x80\xff'])),
  passes('9113 §8.2.1', 'a name of every mark that a token may have passes', plus(GET, ["!#$%&'*+-.^_`|~09az", '1'])),
  passes('9113 §8.2.1', 'lines of one name stay apart and in order', plus(GET, ['b', '1'], ['a', '2'], ['b', '3'])),
  passes(
    '9113 §8.2.3',
    'a cookie in crumbs passes as it is',
    plus(GET, ['cookie', 'a=b'], ['x', '1'], ['cookie', 'c=d']),
  ),
  passes('9110 §5.5', 'a value of 60,000 bytes passes', plus(GET, ['x', 'v'.repeat(60_000)])),
  passes('9110 §5.6.4', 'quotes, commas and escapes in a value pass', plus(GET, ['x', '"a, \\"b\\"", c;d="e,f"'])),
  ...(
    [
      ['connection', 'close'],
      ['connection', 'keep-alive, x'],
      ['connection', ''],
      ['proxy-connection', 'keep-alive'],
      ['keep-alive', 'timeout=5'],
      ['transfer-encoding', 'chunked'],
      ['transfer-encoding', 'identity'],
      ['transfer-encoding', ''],
      ['upgrade', 'websocket'],
      ['upgrade', 'h2c'],
      ['te', 'gzip'],
      ['te', 'trailers, gzip'],
      ['te', 'trailers;q=0.5'],
      ['te', ''],
    ] as const
  ).map(([name, value]) =>
    malformed('9113 §8.2.2', `${name}: ${JSON.stringify(value)} is malformed`, plus(GET, [name, value])),
  ),
  passes('9113 §8.2.2', 'te: trailers passes', plus(GET, ['te', 'trailers'])),
  passes('9110 §10.1.4', 'te: Trailers in any case passes', plus(GET, ['te', 'Trailers'])),
  passes(
    '9113 §8.2.2',
    'names that only look like those of a connection pass',
    plus(GET, ['x-connection', 'close'], ['transfer_encoding', 'chunked'], ['upgrade-insecure-requests', '1']),
  ),
  passes(
    '9110 §7.6.3',
    'via, forwarded and max-forwards pass as they are',
    plus(GET, ['via', '1.1 b'], ['forwarded', 'for=c'], ['max-forwards', '0']),
  ),
  passes('9110 §10.1.1', 'expect: 100-continue passes', plus(GET, ['expect', '100-continue'])),
  passes('9110 §6.6.2', 'trailer passes', plus(GET, ['trailer', 'x'])),
  passes('9110 §14.2', 'range and conditions pass', plus(GET, ['range', 'bytes=0-1'], ['if-match', '"x"'])),
]
