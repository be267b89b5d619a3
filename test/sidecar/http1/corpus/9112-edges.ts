// RFC 9112 §2 to §7 once more, rule by rule: what other tables leave out.

import { type Case, OK, answers, breaks, get, head, passes, post, refuses, spoils } from './case.ts'

const chunked = (body: string) => post(body, 'Transfer-Encoding: chunked')
const trailers = (...lines: readonly string[]) =>
  chunked(`2\r\nhi\r\n0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`)
const response = (...lines: readonly string[]) => `${head('HTTP/1.1 200 OK', ...lines, 'Content-Length: 2')}ok`

const extensions: readonly Case[] = [
  ...[
    ';',
    ';;',
    '; ',
    ';a=',
    ';=b',
    ';a;b;c',
    ';a="',
    ';a=""',
    ';a="b"c',
    ' ;\ta = b',
    ';a b',
    ';"',
    ';a=\x80',
    ';a=(b)',
  ].map((extension) =>
    passes(
      '9112 §7.1.1',
      `the chunk extension ${JSON.stringify(extension)} passes, since it ends where its line does`,
      chunked(`2${extension}\r\nhi\r\n0${extension}\r\n\r\n`),
    ),
  ),
  ...[';a\0', ';a\x01', ';a\x7f', ';a\x0b', ';a="\0"', ';\r', ';a\r\r', ';a\n', ';a="\n"'].map((extension) =>
    breaks(
      '9112 §7.1.1',
      `the chunk extension ${JSON.stringify(extension)} is refused`,
      chunked(`2${extension}\r\nhi\r\n0\r\n\r\n`),
    ),
  ),
  ...[' ', '\t', '\x0b', '\x0c', '\0', '\r', ',', ':', '=', '.', 'h', '_', '\xa0', '\x85'].map((byte) =>
    breaks(
      '9112 §7.1',
      `the byte ${byte.charCodeAt(0)} behind a chunk size is refused`,
      chunked(`2${byte}\r\nhi\r\n0\r\n\r\n`),
    ),
  ),
  ...['fffffffffffff1', '100000000000000', 'ffffffffffffffff', '10000000000000002', '0x2', '2h', '00000000000002'].map(
    (size) => breaks('9112 §7.1', `the chunk size ${size} is refused`, chunked(`${size}\r\nhi\r\n0\r\n\r\n`)),
  ),
  breaks('9112 §7.1', 'an empty line between chunks is refused', chunked('2\r\nhi\r\n\r\n0\r\n\r\n')),
  breaks('9112 §7.1', 'two line ends behind a chunk are refused', chunked('2\r\nhi\r\n\n0\r\n\r\n')),
  passes(
    '9112 §7.1',
    'a chunked body may hold what looks like its last chunk',
    chunked('7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n'),
  ),
]

const framing: readonly Case[] = [
  ...[
    'Content-Length',
    'Transfer-Encoding',
    'Host',
    'Connection',
    'Upgrade',
    'Trailer',
    'TE',
    'Expect',
    'Authorization',
    'Cookie',
    'Content-Type',
  ].map((name) =>
    passes(
      '9110 §6.5.1',
      `${name} in trailers passes and means nothing`,
      trailers(`${name}: ${name === 'Connection' ? 'close' : '5'}`),
    ),
  ),
  passes(
    '9110 §6.5.1',
    'a chunked coding in trailers frames nothing',
    trailers('Transfer-Encoding: chunked', 'Content-Length: 100'),
  ),
  passes('9110 §6.5.1', 'a second Host in trailers names nothing', trailers('Host: b', 'Host: c')),
  passes(
    '9110 §6.6.2',
    'trailers that were not announced pass',
    post('0\r\nY: 1\r\n\r\n', 'Transfer-Encoding: chunked', 'Trailer: X'),
  ),
  passes(
    '9110 §6.6.2',
    'a Trailer that names framing fields passes',
    post('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Trailer: Content-Length, Host'),
  ),
  passes('9110 §10.1.4', 'TE with a coding and a weight passes', get('TE: trailers, deflate;q=0.5', 'Connection: TE')),
  ...['X\x0b', 'X\0', 'X\x7f', 'X\x80', 'X/', 'X"', 'X(', 'X,', 'X '].map((name) =>
    breaks('9112 §7.1.2', `a trailer whose name is ${JSON.stringify(name)} is refused`, trailers(`${name}: 1`)),
  ),
  answers(
    '9112 §7.1.2',
    'framing fields in trailers of a response frame nothing',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n`,
  ),
  refuses(
    '9112 §6.1',
    'Transfer-Encoding: chunked with a NUL byte is refused',
    post('0\r\n\r\n', 'Transfer-Encoding: chunked\0'),
  ),
  refuses(
    '9112 §6.1',
    'Transfer-Encoding: chunked with a vertical tab is refused',
    post('0\r\n\r\n', 'Transfer-Encoding:\x0bchunked'),
  ),
  refuses(
    '9112 §6.1',
    'an empty Transfer-Encoding beside Content-Length is refused',
    post('hi', 'Transfer-Encoding:', 'Content-Length: 2'),
  ),
  refuses(
    '9112 §6.1',
    'an unknown Transfer-Encoding beside Content-Length is refused',
    post('hi', 'Transfer-Encoding: x', 'Content-Length: 2'),
  ),
  refuses('9112 §6.1', 'Transfer-Encoding of a GET that is no coding is refused', get('Transfer-Encoding: identity')),
  refuses(
    '9112 §6.1',
    'two Transfer-Encodings of which one is empty are refused',
    post('0\r\n\r\n', 'Transfer-Encoding:', 'Transfer-Encoding: chunked'),
  ),
  refuses(
    '9112 §6.3',
    'Content-Length and Transfer-Encoding in HTTP/1.0 are refused',
    `${head('POST / HTTP/1.0', 'Content-Length: 2', 'Transfer-Encoding: chunked')}hi`,
  ),
  refuses(
    '9110 §8.6',
    'two Content-Lengths of which one is empty are refused',
    post('hi', 'Content-Length: 2', 'Content-Length:'),
  ),
  refuses(
    '9110 §8.6',
    'a Content-Length of digits of another script is refused',
    post('hi', 'Content-Length: \xd9\xa2'),
  ),
  refuses('9110 §8.6', 'a Content-Length with a vertical tab is refused', post('hi', 'Content-Length:\x0b2')),
  refuses('9110 §8.6', 'a Content-Length with white space inside is refused', post('hi', 'Content-Length: 0 2')),
  refuses('9110 §8.6', 'a Content-Length with a comment is refused', post('hi', 'Content-Length: 2 (two)')),
]

const lines: readonly Case[] = [
  refuses('9112 §2.2', 'a bare carriage return alone in place of a head is refused', '\rGET / HTTP/1.1\r\n\r\n'),
  refuses('9112 §2.2', 'an empty line with a space is refused', ` \r\n${get()}`),
  refuses('9112 §2.2', 'two carriage returns before the request line are refused', `\r\r\n${get()}`),
  refuses(
    '9112 §2.2',
    'two carriage returns behind the request line are refused',
    'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n',
  ),
  refuses('9112 §2.2', 'LF CR in place of CR LF is refused', 'GET / HTTP/1.1\n\rHost: a\n\r\n\r'),
  refuses(
    '9112 §2.2',
    'a head without its empty line and a body of lines is refused',
    'POST / HTTP/1.1\r\nHost: a\r\nhi\r\n\r\n',
  ),
  refuses('9112 §2.2', 'next line, a byte over 127, is no line end', 'GET / HTTP/1.1\x85Host: a\r\n\r\n'),
  refuses('9112 §2.2', 'a byte order mark before the request is refused', `\xef\xbb\xbf${get()}`),
  refuses('9112 §3', 'a request line of two words is refused', 'GET HTTP/1.1\r\nHost: a\r\n\r\n'),
  refuses('9112 §3', 'a response in place of a request is refused', 'HTTP/1.1 200 OK\r\nHost: a\r\n\r\n'),
  refuses(
    '9112 §3',
    'white space of another kind behind the method is refused',
    'GET\x0c/ HTTP/1.1\r\nHost: a\r\n\r\n',
  ),
  refuses('9112 §3', 'a NUL byte before the version is refused', 'GET /\0HTTP/1.1\r\nHost: a\r\n\r\n'),
  refuses('9112 §2.3', 'HTTP/1.2 is refused with 505', head('GET / HTTP/1.2', 'Host: a'), 505),
  refuses('9112 §2.3', 'HTTP/1.9 is refused with 505', head('GET / HTTP/1.9', 'Host: a'), 505),
  refuses('9112 §2.3', 'HTTP/9.9 is refused with 505', head('GET / HTTP/9.9', 'Host: a'), 505),
  refuses('9112 §2.3', 'a version with a sign is refused', head('GET / HTTP/+1.1', 'Host: a')),
  refuses('9112 §2.3', 'a version with a space inside is refused', head('GET / HTTP/1. 1', 'Host: a')),
  refuses('9112 §2.3', 'a version with a byte over 127 is refused', head('GET / HTTP/1.\xb1', 'Host: a')),
  refuses('9112 §5', 'a line of one byte is refused', get('X')),
  refuses('9112 §5', 'a request line again among the fields is refused', get('GET /x HTTP/1.1')),
  refuses('9112 §5.1', 'a carriage return before the colon is refused', get('X\r: 1')),
  refuses('9112 §5.2', 'a fold behind the last field is refused', 'GET / HTTP/1.1\r\nHost: a\r\n\t\r\n\r\n'),
  refuses('9112 §5.2', 'a fold that hides a Transfer-Encoding is refused', get('X: 1\r\n Transfer-Encoding: chunked')),
  refuses('9112 §5.2', 'a fold that hides a Content-Length is refused', get('X: 1\r\n\tContent-Length: 5')),
  passes('9110 §5.1', 'a field name of one byte passes', get('x: 1', '~: 2', '1: 3')),
  passes('9110 §5.5', 'a value with what looks like a fold’s spaces passes', get('X: a   b')),
  passes('9110 §5.5', 'a value with encoded line ends passes', get('X: a%0d%0aY: b', 'Z: \\r\\n')),
  passes('9110 §5.3', 'a hundred lines of one name pass', get(...Array.from({ length: 100 }, () => 'X: 1'))),
  passes(
    '9110 §8.4',
    'a body with a content coding passes as it is',
    post('\x1f\x8b', 'Content-Encoding: gzip', 'Content-Length: 2'),
  ),
  passes('9110 §13.1', 'conditions pass as they are', get('If-None-Match: W/"a", "b"', 'If-Modified-Since: x')),
  passes('9110 §14.2', 'ranges pass as they are', get('Range: bytes=0-,-1', 'If-Range: "x"')),
  passes(
    '9110 §10.1.1',
    'Expect in HTTP/1.0 passes',
    head('POST / HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 0'),
    { closes: true },
  ),
  passes('9110 §10.1.1', 'Expect without a body passes', get('Expect: 100-continue')),
]

const statuses: readonly Case[] = [
  spoils('9112 §4', 'a tab before the status becomes 502', head('HTTP/1.1\t200 OK')),
  spoils('9112 §4', 'a tab behind the status becomes 502', head('HTTP/1.1 200\tOK')),
  spoils('9112 §4', 'a status of one digit becomes 502', head('HTTP/1.1 2 OK')),
  spoils('9112 §4', 'a status with a sign becomes 502', head('HTTP/1.1 +20 OK')),
  spoils('9112 §4', 'a status with a decimal point becomes 502', head('HTTP/1.1 200.1 OK')),
  spoils('9112 §4', 'a status line without a status becomes 502', head('HTTP/1.1')),
  spoils('9112 §4', 'a delete byte in the reason phrase becomes 502', head('HTTP/1.1 200 O\x7fK')),
  spoils('9112 §4', 'a request in place of a response becomes 502', get()),
  spoils('9112 §2.2', 'white space before the status line becomes 502', ` ${OK}`),
  spoils('9112 §4', 'HTTP/0.9 becomes 502', '<html>hello</html>\r\n'),
  spoils('9110 §5.5', 'a delete byte in a value becomes 502', response('X: a\x7fb')),
  spoils('9110 §5.1', 'a byte over 127 in a name becomes 502', response('X\xe9: 1')),
  spoils('9110 §5.1', 'an equals sign in place of a colon becomes 502', response('X=1')),
  answers(
    '9110 §15.2',
    'an interim response with a coding has no body, and loses it',
    `${head('HTTP/1.1 103 Early Hints', 'Transfer-Encoding: chunked')}${OK}`,
    { gets: `${head('HTTP/1.1 103 Early Hints')}${OK}` },
  ),
  answers(
    '9110 §15.2',
    'an interim response with close does not end the connection',
    `${head('HTTP/1.1 103 Early Hints', 'Connection: close')}${OK}`,
  ),
  answers('9110 §15.2', 'fifty interim responses pass', head('HTTP/1.1 102 Processing').repeat(50) + OK),
  answers('9110 §15.3.6', '205 with a body passes', `${head('HTTP/1.1 205 Reset', 'Content-Length: 2')}ok`),
  answers('9110 §15.4.5', '304 without a length has no body', head('HTTP/1.1 304 Not Modified', 'ETag: "x"')),
  answers(
    '9110 §8.6',
    'a length of 16 digits with zeros before it passes',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 0000000000000002')}ok`,
  ),
]

export const edges: readonly Case[] = [...extensions, ...framing, ...lines, ...statuses]
