// RFC 9112 §6: where the body of a request ends, and every way to say it in which two servers could read two requests.

import { type Case, OK, PROBE, get, head, passes, post, probe, refuses } from './case.ts'

const length = (text: string, body = '') => head('POST / HTTP/1.1', 'Host: a', `Content-Length:${text}`) + body
const coding = (text: string) => head('POST / HTTP/1.1', 'Host: a', `Transfer-Encoding:${text}`) + '0\r\n\r\n'
const both = (...lines: readonly string[]) => head('POST / HTTP/1.1', 'Host: a', ...lines) + '0\r\n\r\n'

const lengths: readonly Case[] = [
  passes('9112 §6.2', 'a body of a given length passes', length(' 5', 'hello')),
  passes('9112 §6.2', 'a length of 0 is no body', length(' 0')),
  passes('9112 §6.2', 'a length with leading zeros is read as decimal', length(' 010', '0123456789')),
  passes('9112 §6.2', 'a length of several zeros is no body', length(' 000')),
  passes('9112 §6.2', 'white space around a length is not part of it', length('\t 5 \t', 'hello')),
  passes('9112 §6.2', 'a length without a space before it passes', length('5', 'hello')),
  passes(
    '9112 §6.2',
    'the name Content-Length counts in any case',
    head('POST / HTTP/1.1', 'Host: a', 'cONTENT-lENGTH: 5') + 'hello',
  ),
  passes('9112 §6.2', 'a body of 100,000 bytes passes', length(' 100000', 'x'.repeat(100_000))),
  passes('9112 §6.3', 'a POST without a length has no body', post('')),
  passes('9112 §6.3', 'a PUT without a length has no body', head('PUT / HTTP/1.1', 'Host: a')),
  passes('9110 §9.3.1', 'a GET may have a body', get('Content-Length: 3') + 'abc'),
  passes('9110 §9.3.5', 'a DELETE may have a body', head('DELETE / HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc'),
  passes('9110 §9.3.2', 'a HEAD may have a body', head('HEAD / HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc', {
    reply: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
  }),
  passes(
    '9110 §9.3.7',
    'an OPTIONS may have a body',
    head('OPTIONS * HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc',
  ),
  passes(
    '9110 §9.1',
    'a method that nobody knows may have a body',
    head('FROB / HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc',
  ),
  ...[
    '',
    ' ',
    ' -1',
    ' +5',
    ' 5a',
    ' a',
    ' 0x5',
    ' 5.0',
    ' 5e0',
    ' 5 5',
    ' 5,5',
    ' 5, 5',
    ' 5;5',
    ' "5"',
    ' 5,',
    ' ,5',
    ' 5\xa0',
    ' \xa05',
    ' \xb2',
    ' 1_000',
    ' 9007199254740993',
    ' 18446744073709551621',
    ` ${'9'.repeat(400)}`,
    ` ${'0'.repeat(400)}5`,
  ].map((text) =>
    refuses('9112 §6.3', `Content-Length ${JSON.stringify(text).slice(0, 40)} is refused`, length(text, 'hello')),
  ),
  refuses(
    '9112 §6.3',
    'two Content-Lengths that differ are refused',
    post('hello', 'Content-Length: 5', 'Content-Length: 6'),
  ),
  refuses(
    '9112 §6.3',
    'two equal Content-Lengths are refused',
    post('hello', 'Content-Length: 5', 'Content-Length: 5'),
  ),
  refuses(
    '9112 §6.3',
    'two Content-Lengths in different case are refused',
    post('hello', 'Content-Length: 5', 'content-length: 0'),
  ),
  refuses('9112 §6.3', 'two Content-Lengths of a GET are refused', get('Content-Length: 0', 'Content-Length: 0')),
]

const codings: readonly Case[] = [
  passes('9112 §6.1', 'a chunked body passes', coding(' chunked')),
  passes('9112 §7', 'the coding chunked counts in any case', coding(' cHUNKED')),
  passes('9112 §6.1', 'the name Transfer-Encoding counts in any case', both('tRANSFER-eNCODING: chunked')),
  passes('9112 §6.1', 'white space around the coding is not part of it', coding('\t chunked \t')),
  passes('9112 §6.1', 'a coding before chunked passes', coding(' gzip, chunked')),
  passes('9112 §6.1', 'a coding before chunked passes without a space', coding(' gzip,chunked')),
  passes('9110 §9.3.1', 'a GET may be chunked', get('Transfer-Encoding: chunked') + '3\r\nabc\r\n0\r\n\r\n'),
  ...[
    '',
    ' ',
    ' identity',
    ' gzip',
    ' deflate',
    ' chunked, gzip',
    ' chunked, identity',
    ' chunked, chunked',
    ' xchunked',
    ' chunkedx',
    ' chunke',
    ' "chunked"',
    " 'chunked'",
    ' chunked;a=b',
    ' chunked;',
    ' chunked,',
    ' ,chunked',
    ' gzip,,chunked',
    ' gzip chunked',
    ' chunked chunked',
    ' chunked\xa0',
    ' \xa0chunked',
    ' \x85chunked',
    ' gzip,\xa0chunked',
    ' chunked\x85',
    ' chunked\xad',
  ].map((text) => refuses('9112 §6.3', `Transfer-Encoding ${JSON.stringify(text)} is refused`, coding(text))),
  refuses(
    '9112 §6.3',
    'two Transfer-Encodings are refused',
    both('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
  ),
  refuses(
    '9112 §6.3',
    'chunked and then identity on two lines are refused',
    both('Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
  ),
  refuses(
    '9112 §6.3',
    'gzip and then chunked on two lines are refused',
    both('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'),
  ),
  refuses(
    '9112 §6.1',
    'a Transfer-Encoding in HTTP/1.0 is refused',
    head('POST / HTTP/1.0', 'Host: a', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
  ),
  refuses(
    '9112 §6.1',
    'an identity coding in HTTP/1.0 is refused',
    head('POST / HTTP/1.0', 'Host: a', 'Transfer-Encoding: identity'),
  ),
  refuses(
    '9112 §6.3',
    'Content-Length and Transfer-Encoding together are refused',
    both('Content-Length: 5', 'Transfer-Encoding: chunked'),
  ),
  refuses(
    '9112 §6.3',
    'Transfer-Encoding and Content-Length together are refused',
    both('Transfer-Encoding: chunked', 'Content-Length: 5'),
  ),
  refuses(
    '9112 §6.3',
    'a Content-Length of 0 beside Transfer-Encoding is refused',
    both('Content-Length: 0', 'Transfer-Encoding: chunked'),
  ),
  refuses(
    '9112 §6.3',
    'a wrong Content-Length beside Transfer-Encoding is refused',
    both('Content-Length: x', 'Transfer-Encoding: chunked'),
  ),
  refuses(
    '9112 §6.3',
    'Content-Length beside an identity coding is refused',
    both('Content-Length: 5', 'Transfer-Encoding: identity'),
  ),
  refuses('9112 §6.3', 'both in other letters are refused', both('CONTENT-LENGTH: 5', 'TRANSFER-ENCODING: CHUNKED')),
  passes(
    '9112 §6.1',
    'a name that only looks like Transfer-Encoding frames nothing',
    get('Transfer_Encoding: chunked', 'X-Transfer-Encoding: chunked'),
  ),
  passes(
    '9112 §6.2',
    'a name that only looks like Content-Length frames nothing',
    get('Content_Length: 5', 'Content-Length-X: 5'),
  ),
]

const sequences: readonly Case[] = [
  {
    rfc: '9112 §6.2',
    name: 'what follows a body of a given length is the next request',
    steps: [
      { send: `${length(' 5', 'hello')}${PROBE}` },
      { sees: length(' 5', 'hello') },
      { reply: OK },
      { gets: OK },
      ...probe().slice(1),
    ],
  },
  {
    rfc: '9112 §6.3',
    name: 'what follows a request without a length is the next request, not its body',
    steps: [{ send: `${post('')}${PROBE}` }, { sees: post('') }, { reply: OK }, { gets: OK }, ...probe().slice(1)],
  },
  {
    rfc: '9112 §6.3',
    name: 'the bytes behind a request without a length are refused if they are no request',
    steps: [
      { send: `${post('')}hello\r\n` },
      { sees: post('') },
      { reply: OK },
      { gets: OK },
      { refused: { status: 400, code: 'ST1001' } },
      { closed: 'client' },
    ],
  },
  {
    rfc: '9112 §8',
    name: 'a body that the client leaves unfinished is never completed',
    steps: [
      { send: length(' 10', 'hello') },
      { sees: length(' 10', 'hello') },
      { ends: 'client' },
      { closed: 'baseline' },
      { reply: 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n' },
      { gets: 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n' },
    ],
  },
  {
    rfc: '9112 §8',
    name: 'half a head is not forwarded',
    steps: [{ send: 'GET / HTTP/1.1\r\nHost: a\r\n' }, { ends: 'client' }, { closed: 'client' }],
  },
  {
    rfc: '9112 §8',
    name: 'half a request line is not forwarded',
    steps: [{ send: 'GET / HT' }, { ends: 'client' }, { closed: 'client' }],
  },
]

export const requestFraming: readonly Case[] = [...lengths, ...codings, ...sequences]
