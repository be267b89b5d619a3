// RFC 9112 §6 and §8 for responses: where the body ends, and bodies that never do.

import { type Case, OK, answers, get, head, passes, post, probe, spoils } from './case.ts'

const CLOSES = { closes: true }
const ok = (...fields: readonly string[]) => `${head('HTTP/1.1 200 OK', ...fields, 'Content-Length: 2')}ok`
const chunked = (body: string) => head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked') + body
const LAST = '0\r\n\r\n'

const noBody: readonly Case[] = [
  passes('9112 §6.3', 'a response to HEAD has no body, whatever its length', head('HEAD / HTTP/1.1', 'Host: a'), {
    reply: head('HTTP/1.1 200 OK', 'Content-Length: 500'),
  }),
  passes('9112 §6.3', 'a response to HEAD has no body, even if chunked', head('HEAD / HTTP/1.1', 'Host: a'), {
    reply: head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
  }),
  passes('9112 §6.3', 'a response to HEAD without a length has no body', head('HEAD / HTTP/1.1', 'Host: a'), {
    reply: head('HTTP/1.1 200 OK'),
  }),
  passes('9112 §6.3', 'a body behind a response to HEAD is not passed on', head('HEAD / HTTP/1.1', 'Host: a'), {
    reply: OK,
    gets: head('HTTP/1.1 200 OK', 'Content-Length: 2'),
    closes: true,
  }),
  answers('9112 §6.3', '204 has no body', head('HTTP/1.1 204 No Content')),
  answers('9112 §6.3', '204 with a length has no body', head('HTTP/1.1 204 No Content', 'Content-Length: 5')),
  answers(
    '9112 §6.3',
    '204 that says chunked has no body',
    head('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked'),
  ),
  answers(
    '9112 §6.3',
    '304 has no body, whatever its length',
    head('HTTP/1.1 304 Not Modified', 'Content-Length: 500'),
  ),
  answers(
    '9112 §6.3',
    '304 that says chunked has no body',
    head('HTTP/1.1 304 Not Modified', 'Transfer-Encoding: chunked'),
  ),
  answers('9110 §15.3.6', '205 with a length of 0 passes', head('HTTP/1.1 205 Reset Content', 'Content-Length: 0')),
  answers(
    '9112 §6.3',
    'bytes behind a 204 are not passed on, and the connection ends',
    `${head('HTTP/1.1 204 No Content')}hello`,
    { gets: head('HTTP/1.1 204 No Content'), ...CLOSES },
  ),
]

const lengths: readonly Case[] = [
  answers('9112 §6.3', 'a length of 0 is no body', head('HTTP/1.1 200 OK', 'Content-Length: 0')),
  answers(
    '9112 §6.3',
    'a body of 100,000 bytes passes',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 100000')}${'x'.repeat(100_000)}`,
  ),
  answers('9112 §6.3', 'equal lengths on two lines are one', ok('Content-Length: 2')),
  answers('9112 §6.3', 'equal lengths in a list are one', `${head('HTTP/1.1 200 OK', 'Content-Length: 2, 2 ,2')}ok`),
  ...['2, 3', '', 'x', '-2', '+2', '2x', '0x2', '2 2', '2,', '2\xa0', '9007199254740993', '9'.repeat(400)].map((text) =>
    spoils(
      '9112 §6.3',
      `Content-Length ${JSON.stringify(text).slice(0, 40)} becomes 502`,
      `${head('HTTP/1.1 200 OK', `Content-Length: ${text}`)}ok`,
    ),
  ),
  spoils('9112 §6.3', 'two lengths that differ become 502', ok('Content-Length: 3')),
  answers(
    '9112 §6.3',
    'bytes behind the body are not passed on, and the connection ends',
    `${OK}HTTP/1.1 200 OK\r\n\r\n`,
    { gets: OK, ...CLOSES },
  ),
  answers('9112 §6.3', 'an empty line behind the body is not passed on', `${OK}\r\n`, { gets: OK, ...CLOSES }),
]

const codings: readonly Case[] = [
  answers('9112 §7.1', 'a chunked response passes', chunked(`5\r\nhello\r\n${LAST}`)),
  answers('9112 §7.1', 'an empty chunked response passes', chunked(LAST)),
  answers(
    '9112 §7.1',
    'chunk extensions of a response pass as they are',
    chunked(`5;name="a long value; really"\r\nhello\r\n1;b=0123456789abcdef\r\nx\r\n${LAST}`),
  ),
  answers(
    '9112 §7.1',
    'spaces behind a chunk size of a response pass as they are',
    chunked('5  \r\nhello\r\n0 \r\n\r\n'),
  ),
  answers(
    '9112 §7.1.2',
    'trailers of a response pass as they are',
    chunked('2\r\nok\r\n0\r\ngrpc-status: 0\r\nX:\r\n\r\n'),
  ),
  answers(
    '9112 §7',
    'a coding before chunked passes',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, Chunked')}${LAST}`,
  ),
  answers(
    '9112 §7',
    'codings on two lines that end in chunked pass',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked')}${LAST}`,
  ),
  answers(
    '9112 §7',
    'a coding with parameters before chunked passes',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip;a=b ; c, chunked')}${LAST}`,
  ),
  answers(
    '9110 §5.5',
    'a tab behind chunked is taken out: llhttp would read to the end of the connection',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked\t')}${LAST}`,
    { gets: chunked(LAST) },
  ),
  ...[
    ['chunked twice', 'Transfer-Encoding: chunked, chunked'],
    ['chunked on two lines', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ['chunked behind what is no coding', 'Transfer-Encoding: x y, chunked'],
    ['chunked behind nothing', 'Transfer-Encoding: , chunked'],
    ['chunked in quotes that do not end', 'Transfer-Encoding: gzip;a="x, chunked'],
  ].map(([what, ...lines]) =>
    spoils('9112 §6.1', `${what} becomes 502`, `${head('HTTP/1.1 200 OK', ...lines)}${LAST}`),
  ),
  answers(
    '9112 §6.3',
    'Transfer-Encoding wins over Content-Length, which is taken out',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 5', 'X: 1', 'Transfer-Encoding: chunked')}2\r\nok\r\n${LAST}`,
    {
      gets: `${head('HTTP/1.1 200 OK', 'X: 1', 'Transfer-Encoding: chunked')}2\r\nok\r\n${LAST}`,
      ...CLOSES,
    },
  ),
  answers(
    '9112 §6.3',
    'every Content-Length beside Transfer-Encoding is taken out',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 5', 'Transfer-Encoding: chunked', 'content-length : 6')}${LAST}`,
    {
      gets: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}${LAST}`,
      ...CLOSES,
    },
  ),
  answers(
    '9112 §6.1',
    'a chunked response of HTTP/1.0 ends the connection',
    `${head('HTTP/1.0 200 OK', 'Connection: keep-alive', 'Transfer-Encoding: chunked')}${LAST}`,
    CLOSES,
  ),
  answers('9112 §6.3', 'bytes behind a chunked response are not passed on', chunked(`${LAST}\nx`), {
    gets: chunked(LAST),
    ...CLOSES,
  }),
]

const end = (name: string, reply: string, gets = reply): Case => ({
  rfc: '9112 §6.3',
  name,
  steps: [{ send: get() }, { sees: get() }, { reply }, { gets }, { ends: 'baseline' }, { closed: 'client' }],
})
const broken = (name: string, reply: string): Case => ({
  rfc: '9112 §8',
  name,
  steps: [{ send: get() }, { sees: get() }, { reply }, { gets: reply }, { ends: 'baseline' }, { closed: 'client' }],
})
const reset = (name: string, bad: string): Case => ({
  rfc: '9112 §7.1',
  name,
  steps: [
    { send: get() },
    { sees: get() },
    { reply: chunked('5\r\nhello\r\n') },
    { gets: chunked('5\r\nhello\r\n') },
    { reply: bad },
    { closed: 'client', reset: true },
  ],
})

const ends: readonly Case[] = [
  end('a response without a length lasts to the end of its connection', `${head('HTTP/1.1 200 OK')}hello`),
  end('a response of HTTP/1.0 without a length lasts to the end of its connection', `${head('HTTP/1.0 200 OK')}hello`),
  end(
    'a response whose coding does not end in chunked lasts to the end of its connection',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip')}hello`,
  ),
  end(
    'a coding that only looks like chunked lasts to the end of its connection',
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked\xa0')}hello`,
  ),
  end(
    'a Content-Length beside such a coding is taken out',
    `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Transfer-Encoding: gzip')}hello`,
    `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip')}hello`,
  ),
  broken('a body that ends too early ends the connection', `${head('HTTP/1.1 200 OK', 'Content-Length: 10')}hello`),
  broken('a chunked body without its last chunk ends the connection', chunked('5\r\nhello\r\n')),
  broken('a chunk that ends too early ends the connection', chunked('5\r\nhel')),
  broken('an interim response without a final one ends the connection', head('HTTP/1.1 103 Early Hints')),
  {
    rfc: '9112 §8',
    name: 'half a response head ends the connection without an answer',
    steps: [
      { send: get() },
      { sees: get() },
      { reply: 'HTTP/1.1 200 OK\r\nX: 1\r\n' },
      { ends: 'baseline' },
      { closed: 'client' },
    ],
  },
  reset('a chunk size that is none resets the connection', 'x\r\n'),
  reset('a chunk longer than its size resets the connection', '1\r\nab\r\n'),
  reset('a bare line feed behind a chunk size resets the connection', '1\na\r\n'),
  {
    rfc: '9112 §9.3',
    name: 'a response that comes before the request is complete passes at once',
    steps: [
      { send: post('he', 'Content-Length: 5') },
      { sees: post('he', 'Content-Length: 5') },
      { reply: OK },
      { gets: OK },
      { send: 'llo' },
      { sees: 'llo' },
      ...probe(),
    ],
  },
  {
    rfc: '9112 §9.6',
    name: 'a response that comes before the request is complete, and an end, end the connection',
    steps: [
      { send: post('he', 'Content-Length: 5') },
      { sees: post('he', 'Content-Length: 5') },
      { reply: OK },
      { gets: OK },
      { ends: 'baseline' },
      { closed: 'client' },
    ],
  },
]

export const responseFraming: readonly Case[] = [...noBody, ...lengths, ...codings, ...ends]
