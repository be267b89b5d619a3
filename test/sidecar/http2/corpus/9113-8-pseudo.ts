// RFC 9113 §8.3 for requests: method, scheme and path.

import { type Fields, GET, having, plus, without } from '../../../fixtures/http2/fields.ts'
import { type Case, answered, malformed, passes, whole } from './case.ts'
import { headers, hex } from './frames.ts'

const OPTIONS: Fields = having(having(GET, ':method', 'OPTIONS'), ':path', '*')
export const pseudoFields: readonly Case[] = [
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
