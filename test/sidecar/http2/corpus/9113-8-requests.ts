// RFC 9113 §8 for requests: their fields, pseudo-header fields, bodies and trailers; RFC 9110 where it says what these may be.

import {
  type Case,
  type Fields,
  CODE,
  GET,
  KEYED,
  MARK,
  OK,
  POST,
  answered,
  data,
  having,
  head,
  last,
  malformed,
  passes,
  plus,
  posting,
  reset,
  whole,
  without,
} from './case.ts'
import { END_STREAM, PADDED, TYPE, frame, headers, hex } from './frames.ts'

const OPTIONS: Fields = having(having(GET, ':method', 'OPTIONS'), ':path', '*')
const CONNECT: Fields = [
  [':method', 'CONNECT'],
  [':authority', 'shop:80'],
]

const NAMES: Readonly<Record<string, string>> = {
  'in upper case': 'X-UPPER',
  'with one upper case letter': 'x-uppeR',
  'with a space': 'x y',
  'that ends in a space': 'x ',
  'that begins with a space': ' x',
  'with a tab': 'x\ty',
  'with NUL': 'x\0',
  'with LF': 'x\ny',
  'with CR': 'x\ry',
  'with CR LF and another field': 'x\r\ny: z',
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

const lines: readonly Case[] = [
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

const pseudo: readonly Case[] = [
  ...[':method', ':scheme', ':path'].map((name) =>
    malformed('9113 §8.3.1', `a request without ${name} is malformed`, without(GET, name)),
  ),
  ...GET.map(([name, value]) => malformed('9113 §8.3', `${name} twice is malformed`, [[name, value], ...GET])),
  ...GET.map(([name]) => malformed('9113 §8.3', `an empty ${name} is malformed`, having(GET, name, ''))),
  ...GET.map(([name, value]) =>
    malformed('9113 §8.3', `${name} behind a field is malformed`, plus(without(GET, name), ['x', '1'], [name, value])),
  ),
  ...GET.map(([name, value]) =>
    malformed('9113 §8.3', `${name} again behind a field is malformed`, plus(GET, ['x', '1'], [name, value])),
  ),
  malformed('9113 §8.3', 'a pseudo-header field that nobody knows is malformed', [[':unknown', '1'], ...GET]),
  malformed('9113 §8.3', 'a pseudo-header field in upper case is malformed', [
    [':Method', 'GET'],
    ...without(GET, ':method'),
  ]),
  malformed('9113 §8.3', ':status in a request is malformed', [...GET, [':status', '200']]),
  malformed('9113 §8.3', 'a lone colon is malformed', [...GET, [':', '1']]),
  malformed('8441 §4', ':protocol that was not offered is malformed', [
    ...having(GET, ':method', 'CONNECT'),
    [':protocol', 'websocket'],
  ]),
  malformed('8441 §4', ':protocol without CONNECT is malformed', [...GET, [':protocol', 'websocket']]),
  malformed('9113 §8.1.1', 'an empty block is malformed', []),
  malformed('9113 §8.1.1', 'a block of fields only is malformed', [['x', '1']]),
  { ...passes('9113 §8.3', 'pseudo-header fields pass in any order', GET.toReversed()) },
  {
    rfc: '7541 §6.1',
    name: 'a request of static indexes only passes',
    steps: [
      { send: [headers(1, Buffer.concat([hex('82 86 84 41 04'), Buffer.from('shop')]))] },
      {
        sees: [
          whole(1, [
            [':method', 'GET'],
            [':scheme', 'http'],
            [':path', '/'],
            [':authority', 'shop'],
          ]),
        ],
      },
      ...answered,
    ],
  },
  ...['GE T', 'GET ', 'G\tET', 'GET\0', 'G(T', 'G,T', 'G:T', 'G\xc9T', 'GET\r\nX: y', '"GET"'].map((method) =>
    malformed('9110 §9.1', `the method ${JSON.stringify(method)} is malformed`, having(GET, ':method', method)),
  ),
  ...['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'get', 'M-SEARCH', 'PRI', "!#$%&'*+-.^_`|~0"].map((method) =>
    passes('9110 §9.1', `the method ${method} passes`, having(GET, ':method', method)),
  ),
  ...['1http', 'h ttp', 'http:', 'ht_tp', '+http', 'http\0', 'http/1.1', '\xe9'].map((scheme) =>
    malformed('3986 §3.1', `the scheme ${JSON.stringify(scheme)} is malformed`, having(GET, ':scheme', scheme)),
  ),
  ...['https', 'HTTP', 'urn+x.y-1', 'grpc'].map((scheme) =>
    passes('9113 §8.3.1', `the scheme ${scheme} passes as it is`, having(GET, ':scheme', scheme)),
  ),
  ...[
    'cart',
    '?a',
    '*',
    '*a',
    'http://shop/',
    '/a b',
    ' /',
    '/ ',
    '/a\tb',
    '/a#b',
    '#',
    '/\xe9',
    '/\0',
    '/\x7f',
    '/\r\n',
  ].map((path) =>
    malformed('9113 §8.3.1', `the path ${JSON.stringify(path)} is malformed`, having(GET, ':path', path)),
  ),
  ...[
    '/',
    '//',
    '//a',
    '/a/../b',
    '/./',
    '/%2e%2e/',
    '/%',
    '/%zz',
    '/%00',
    '/?',
    '/a?b=c&d?e',
    '/a;b',
    '/a|b',
    '/"{}<>\\^`',
    '/*',
    '/http://b/',
    `/${'a'.repeat(8000)}`,
  ].map((path) => passes('9113 §8.3.1', `the path ${path.slice(0, 20)} passes as it is`, having(GET, ':path', path))),
  passes('9113 §8.3.1', 'OPTIONS * passes', OPTIONS),
  passes('9113 §8.3.1', 'OPTIONS * names no authority', without(OPTIONS, ':authority')),
  malformed('9113 §8.3.1', 'OPTIONS with an empty path is malformed', having(OPTIONS, ':path', '')),
  malformed('9113 §8.3.1', 'more than an asterisk is malformed for OPTIONS', having(OPTIONS, ':path', '*/')),
]

const bad = (text: string): Case =>
  malformed('9113 §8.3.1', `the authority ${JSON.stringify(text)} is malformed`, having(GET, ':authority', text))
const good = (text: string): Case =>
  passes('9113 §8.3.1', `the authority ${JSON.stringify(text)} passes as it is`, having(GET, ':authority', text))
const both = (name: string, authority: string, host: string, scheme = 'http'): Case =>
  passes('9113 §8.3.1', name, plus(having(having(GET, ':authority', authority), ':scheme', scheme), ['host', host]))
const apart = (name: string, authority: string, ...hosts: readonly string[]): Case =>
  malformed(
    '9113 §8.3.1',
    name,
    plus(having(GET, ':authority', authority), ...hosts.map((host) => ['host', host] as const)),
  )

const authorities: readonly Case[] = [
  ...[
    'shop:8080',
    'shop:',
    '10.0.0.1',
    '[::1]',
    '[fd00::7]:8080',
    'a_b',
    'Shop.Example.',
    'a%20b',
    "a!$&'()*+;=b",
    'xn--e1a',
  ].map(good),
  ...[
    'me@shop',
    'me:secret@shop',
    'shop/',
    'shop/cart',
    'http://shop',
    'shop cart',
    ' shop',
    'shop\t',
    'shop?x',
    'shop#x',
    'shop\\x',
    'a,b',
    'a, b',
    'shop:x',
    'shop:80:80',
    'shop:65536',
    'shop:-1',
    ':80',
    ':',
    '[',
    '[]',
    '[::1',
    '::1',
    '[::1]x',
    '[::1]:x',
    '[1.2.3.4]',
    'a%',
    'a%zz',
    '"a"',
    '<a>',
    'a|b',
    'a^b',
    '{a}',
    '\xe9',
    'shop\0',
  ].map(bad),
  malformed('9110 §7.2', 'a request of http without authority and host is malformed', without(GET, ':authority')),
  passes('9113 §8.3.1', 'a host without an authority passes', plus(without(GET, ':authority'), ['host', 'shop'])),
  both('a host that is the authority passes', 'shop', 'shop'),
  both('a host that is the authority in another case passes', 'shop', 'SHOP'),
  both('a host with the port that http has anyway passes', 'shop', 'shop:80'),
  both('an authority with the port that http has anyway passes', 'shop:80', 'shop'),
  both('an authority with an empty port passes beside a host without one', 'shop:', 'shop'),
  both('a host with the port that https has anyway passes', 'shop', 'shop:443', 'https'),
  apart('a host that is another one is malformed', 'shop', 'other'),
  apart('a host with another port is malformed', 'shop', 'shop:81'),
  apart('a host with the port of another scheme is malformed', 'shop', 'shop:443'),
  apart('a host that only begins alike is malformed', 'shop', 'shop.example'),
  apart('two hosts are malformed', 'shop', 'shop', 'shop'),
  apart('an empty host beside an authority is malformed', 'shop', ''),
  malformed('9113 §8.3.1', 'an empty host is malformed', plus(without(GET, ':authority'), ['host', ''])),
  malformed('9113 §8.3.1', 'a host with a path is malformed', plus(without(GET, ':authority'), ['host', 'shop/x'])),
  malformed('9113 §8.3.1', 'a host of two names is malformed', plus(without(GET, ':authority'), ['host', 'a, b'])),
  malformed(
    '9110 §7.2',
    'two hosts without an authority are malformed',
    plus(without(GET, ':authority'), ['host', 'a'], ['host', 'a']),
  ),
  malformed(
    '9110 §4.2.4',
    'a host with user information is malformed',
    plus(without(GET, ':authority'), ['host', 'me@shop']),
  ),
]

const lengthy = (name: string, value: string): Case =>
  malformed('9110 §8.6', name, plus(POST, ['content-length', value]), false)
const FOUR = plus(POST, ['content-length', '4'])

const bodies: readonly Case[] = [
  ...[
    '',
    ' ',
    '-1',
    '+4',
    '4a',
    'x',
    '0x4',
    '4.0',
    '4,4',
    '4, 4',
    '4;4',
    '"4"',
    '\xb2',
    '99999999999999999999',
    '1_000',
  ].map((value) => lengthy(`content-length ${JSON.stringify(value)} is malformed`, value)),
  malformed('9110 §8.6', 'two content-lengths are malformed', plus(FOUR, ['content-length', '5']), false),
  malformed('9110 §8.6', 'two equal content-lengths are malformed', plus(FOUR, ['content-length', '4']), false),
  malformed('9113 §8.1.1', 'a content-length above 0 without a body is malformed', plus(GET, ['content-length', '1'])),
  passes('9113 §8.1.1', 'a content-length of 0 without a body passes', plus(GET, ['content-length', '0'])),
  {
    rfc: '9113 §8.1.1',
    name: 'a body as long as content-length says passes',
    steps: [
      { send: [head(1, FOUR), data(1, 'ab'), last(1, 'cd')] },
      { sees: [head(1, FOUR), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9110 §8.6',
    name: 'a content-length with leading zeros is read as decimal',
    steps: [
      { send: [head(1, plus(POST, ['content-length', '004'])), last(1, 'abcd')] },
      { sees: [head(1, plus(POST, ['content-length', '004'])), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'padding does not count for content-length',
    steps: [
      { send: [head(1, FOUR), frame(TYPE.data, PADDED | END_STREAM, 1, '\x03abcd\0\0\0')] },
      { sees: [head(1, FOUR), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'an empty DATA may end a body of a known length',
    steps: [
      { send: [head(1, FOUR), data(1, 'abcd'), last(1)] },
      { sees: [head(1, FOUR), last(1, 'abcd')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'a body shorter than content-length is malformed, and never ends upstream',
    steps: [
      { send: [head(1, FOUR)] },
      { sees: [head(1, FOUR)] },
      { send: [last(1, 'abc')] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'a body longer than content-length is malformed, and none of the excess passes',
    steps: [
      { send: [head(1, FOUR), data(1, 'abcd')] },
      { sees: [head(1, FOUR), data(1, 'abcd')] },
      { send: [data(1, 'e')] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.1.1',
    name: 'trailers before a body is as long as content-length says are malformed',
    steps: [
      { send: [head(1, FOUR), data(1, 'abc')] },
      { sees: [head(1, FOUR), data(1, 'abc')] },
      { send: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'FROB'].map((method): Case => ({
    rfc: '9110 §9.3',
    name: `a body of ${method} passes`,
    steps: [
      { send: [head(1, having(GET, ':method', method)), last(1, 'body')] },
      { sees: [head(1, having(GET, ':method', method)), last(1, 'body')] },
      { reply: [whole(1, OK)] },
      { gets: [whole(1, OK)] },
    ],
  })),
]

const trailing = (name: string, fields: Fields, end = true): Case => ({
  rfc: '9113 §8.1',
  name,
  steps: [
    ...posting,
    { send: [head(1, fields, end)] },
    { gets: [reset(1, CODE.protocol)] },
    { sees: [reset(1, CODE.cancel)] },
  ],
})
const trailers = (rfc: string, name: string, fields: Fields): Case => ({
  rfc,
  name,
  steps: [
    ...posting,
    { send: [data(1, 'x'), whole(1, fields)] },
    { sees: [data(1, 'x'), whole(1, fields)] },
    ...answered,
  ],
})

const trailerCases: readonly Case[] = [
  trailers('9113 §8.1', 'trailers pass', [
    ['x', 'y'],
    ['x', 'z'],
  ]),
  trailers('9113 §8.1', 'an empty block of trailers passes', []),
  trailers('9110 §6.5.1', 'a content-length in trailers frames nothing', [['content-length', '99']]),
  trailers('9110 §6.5.1', 'a key in trailers routes nothing', [['baggage', 'sidetrack=pr-42']]),
  trailing('trailers with a pseudo-header field are malformed', [[':path', '/']]),
  trailing('trailers with :status are malformed', [[':status', '200']]),
  trailing('trailers without END_STREAM are malformed', [['x', 'y']], false),
  trailing('trailers with a name in upper case are malformed', [['X', 'y']]),
  trailing('trailers with a value with LF are malformed', [['x', 'a\nb']]),
  trailing('trailers with connection are malformed', [['connection', 'close']]),
  trailing('trailers with transfer-encoding are malformed', [['transfer-encoding', 'chunked']]),
  trailing('trailers with te: gzip are malformed', [['te', 'gzip']]),
  {
    rfc: '9113 §8.1',
    name: 'trailers without a body pass',
    steps: [...posting, { send: [whole(1, [['x', 'y']])] }, { sees: [whole(1, [['x', 'y']])] }, ...answered],
  },
]

const tunnel = [{ send: [head(1, CONNECT)] }, { sees: [head(1, CONNECT)] }] as const
const open = [...tunnel, { reply: [head(1, OK)] }, { gets: [head(1, OK)] }] as const
const noConnect = (name: string, fields: Fields): Case => malformed('9113 §8.5', name, fields, false)

const connect: readonly Case[] = [
  {
    rfc: '9113 §8.5',
    name: 'after a success of CONNECT bytes pass both ways, and each side ends its own',
    steps: [
      ...open,
      { send: [data(1, '\x16\x03')] },
      { sees: [data(1, '\x16\x03')] },
      { reply: [data(1, 'hello')] },
      { gets: [data(1, 'hello')] },
      { send: [last(1)] },
      { sees: [last(1)] },
      { reply: [last(1, 'late')] },
      { gets: [last(1, 'late')] },
    ],
  },
  {
    rfc: '9110 §9.3.6',
    name: 'a content-length in the success of CONNECT is no length',
    steps: [
      ...tunnel,
      { reply: [head(1, plus(OK, ['content-length', '0'])), data(1, 'hello')] },
      { gets: [head(1, plus(OK, ['content-length', '0'])), data(1, 'hello')] },
      { send: [reset(1, CODE.cancel)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'CONNECT may be declined',
    steps: [
      ...tunnel,
      { reply: [whole(1, [[':status', '403']])] },
      { gets: [whole(1, [[':status', '403']])] },
      { send: [last(1)] },
      { sees: [last(1)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'a tunnel that is reset is reset on the other side with the same code',
    steps: [...open, { reply: [reset(1, 10)] }, { gets: [reset(1, 10)] }],
  },
  {
    rfc: '9113 §8.5',
    name: 'HEADERS of the client in a tunnel are a stream error',
    steps: [
      ...open,
      { send: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'HEADERS of the upstream in a tunnel are a stream error',
    steps: [
      ...open,
      { reply: [whole(1, [['x', 'y']])] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.protocol)] },
    ],
  },
  {
    rfc: '9113 §8.5',
    name: 'a keyed CONNECT goes to its fork',
    steps: [
      { send: [head(1, plus(CONNECT, ['baggage', 'sidetrack=pr-42']))] },
      { sees: [head(1, plus(CONNECT, ['baggage', 'sidetrack=pr-42']))], at: 'pr-42' },
      { reply: [head(1, OK)], at: 'pr-42' },
      { gets: [head(1, plus(OK, MARK))] },
      { send: [last(1, 'x')] },
      { sees: [last(1, 'x')], at: 'pr-42' },
      { reply: [last(1, 'y')], at: 'pr-42' },
      { gets: [last(1, 'y')] },
    ],
  },
  noConnect('CONNECT with :path is malformed', plus(CONNECT, [':path', '/'])),
  noConnect('CONNECT with :scheme is malformed', plus(CONNECT, [':scheme', 'http'])),
  noConnect('CONNECT with all pseudo-header fields is malformed', having(GET, ':method', 'CONNECT')),
  noConnect('CONNECT without :authority is malformed', [[':method', 'CONNECT']]),
  noConnect('CONNECT with a host only is malformed', [
    [':method', 'CONNECT'],
    ['host', 'shop:80'],
  ]),
  ...['', 'shop', 'shop:', 'shop:0', 'shop:x', 'shop:65536', 'me@shop:80', ':80', 'http://shop:80', '[::1]'].map(
    (authority) =>
      noConnect(`CONNECT of ${JSON.stringify(authority)} is malformed`, having(CONNECT, ':authority', authority)),
  ),
]

const members = (count: number): string => Array.from({ length: count }, (_, index) => `m${index}=1`).join(',')
const FULL = `a=${'v'.repeat(4000)},b=${'v'.repeat(4000)},c=${'v'.repeat(184)}`
const stamped = (name: string, sent: readonly string[], seen: readonly string[]): Case => ({
  ...passes(
    'baggage',
    name,
    plus(GET, ...sent.map((value) => ['baggage', value] as const)),
    plus(GET, ...seen.map((value) => ['baggage', value] as const)),
  ),
  own: 'own-1',
})

const routed: readonly Case[] = [
  stamped('a fork’s request without baggage gets its key', [], ['sidetrack=own-1']),
  stamped('a fork’s request with baggage gets its key behind it', ['a=b', 'c=d'], ['a=b', 'c=d,sidetrack=own-1']),
  stamped('a fork’s request with a key keeps it', ['sidetrack=other'], ['sidetrack=other']),
  stamped(
    'a fork’s request with 180 members gets its key before them, as nobody reads further',
    [members(100), members(80)],
    [`sidetrack=own-1,${members(100)}`, members(80)],
  ),
  stamped(
    'a fork’s request with 8,192 bytes of baggage gets its key before them, as nobody reads further',
    [FULL],
    [`sidetrack=own-1,${FULL}`],
  ),
  {
    rfc: '9113 §8',
    name: 'a keyed request goes to its fork, and the answer says so',
    steps: [
      { send: [whole(1, KEYED)] },
      { sees: [whole(1, KEYED)], at: 'pr-42' },
      { reply: [head(1, OK), last(1, 'ok')], at: 'pr-42' },
      { gets: [head(1, plus(OK, MARK)), last(1, 'ok')] },
    ],
  },
  {
    rfc: '9113 §8',
    name: 'a malformed keyed request reaches no fork',
    steps: [{ send: [whole(1, plus(KEYED, ['X', '1']))] }, { gets: [reset(1, CODE.protocol)] }],
  },
  {
    rfc: '9113 §8.1',
    name: 'a request for a fork that is not ready is answered, and its body is not wanted',
    steps: [
      { send: [head(1, plus(POST, ['baggage', 'sidetrack=pr-unready']))] },
      { answered: { id: 1, status: '503', code: 'ST1101' } },
      { send: [data(1, 'late'), whole(1, [['x', 'y']])] },
    ],
  },
  {
    rfc: '9113 §8.1',
    name: 'a request for a fork that nothing listens for is answered',
    steps: [
      { send: [whole(1, plus(GET, ['baggage', 'sidetrack=pr-dead']))] },
      { answered: { id: 1, status: '503', code: 'ST1102' } },
    ],
  },
  {
    rfc: '9113 §8.2.3',
    name: 'a key in a second line of baggage counts',
    steps: [
      { send: [whole(1, plus(GET, ['baggage', 'a=b'], ['baggage', 'sidetrack=pr-42']))] },
      { sees: [whole(1, plus(GET, ['baggage', 'a=b'], ['baggage', 'sidetrack=pr-42']))], at: 'pr-42' },
      { reply: [whole(1, OK)], at: 'pr-42' },
      { gets: [whole(1, plus(OK, MARK))] },
    ],
  },
]

export const requests: readonly Case[] = [
  ...lines,
  ...pseudo,
  ...authorities,
  ...bodies,
  ...trailerCases,
  ...connect,
  ...routed,
]
