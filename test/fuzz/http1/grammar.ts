// Requests that parsers disagree about: mostly right, with one or two of the odd things that real attacks are made of.

import type { Random } from '../random.ts'

const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'PROPFIND']
const ODD_METHODS = ['CONNECT', 'TRACE', 'PRI', 'get', 'FROB', 'M-SEARCH', 'GE T', 'G\0T', '\x16GET', '']
const ODD_TARGETS = [
  '*',
  'http://b/c',
  'http://b:81',
  'https://[::1]/',
  'b:443',
  'a',
  '?',
  '/#',
  '/\xe9',
  '//a',
  '/%00',
  '/a|b',
  '',
]
const ODD_VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/1',
  'HTTP/0.9',
  'HTTP/01.1',
  'HTTP/1.10',
  '',
]
const ODD_EOLS = ['\n', '\r', '\r\r\n', '\n\r', '', '\r\n ', '\r\n\t', '\0\r\n', '\x85']
const ODD_SPACES = ['', '  ', '\t', '\x0b', '\x0c', '\xa0', '\0']
const ODD_LENGTHS = [
  '+5',
  '-1',
  '5 ',
  '05',
  '5,5',
  '5, 5',
  '0x5',
  '',
  '5\x0b',
  '\xa05',
  '99999999999999999999',
  '5;',
  '1_0',
  '5\t',
  '5.0',
  '1e1',
]
const ODD_CODINGS = [
  'gzip, chunked',
  'chunked, chunked',
  'identity',
  'xchunked',
  'chunked\xa0',
  'chunked;a',
  'chunked,',
  ' ,chunked',
  '\x0bchunked',
  'chunked\0',
  'chunked\t',
  'CHUNKED',
  '"chunked"',
  'chunked, gzip',
  '',
]
const ODD_FIELDS = [
  'X : 1',
  'X:',
  ': 1',
  'X',
  ' X: 1',
  '\tfolded',
  'X: a\x01',
  'X: \xe9',
  'X\0: 1',
  'Content-Length : 5',
  'Transfer-Encoding\t: chunked',
  'Content_Length: 5',
  'X: a\rTransfer-Encoding: chunked',
  'X: a\nContent-Length: 3',
  'Content-Length\x0b: 3',
  'Transfer-Encoding: chunked',
  'transfer-encoding: chunked',
  'Content-Length: 0',
  'Content-Length: 3',
  'Host: b',
  'Expect: 100-continue',
  'Connection: close',
  'Connection: content-length',
  'Connection: transfer-encoding',
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'HTTP2-Settings: AAM',
  'Trailer: Content-Length',
  'TE: trailers',
  'baggage: a=1',
  'baggage: sidetrack=pr-42',
  'Keep-Alive: 5',
  'Proxy-Connection: keep-alive',
  'X: \r\n y',
]
const ODD_EXTENSIONS = [
  ';a',
  ';a="b;c"',
  ' ;a=b',
  ' ',
  ';a\n',
  ';',
  '\t',
  ';\0',
  ',',
  ';a\r',
  ';a="\r\n"',
  ';a="',
  '; \t a = b',
]
const ODD_SIZES = [
  '0x3',
  '+3',
  '-3',
  '3 3',
  '03',
  '000000000000000000003',
  '',
  'g',
  '3_0',
  'FFFFFFFFFFFFFFFF',
  '100000000',
  '\xa03',
  '3\xa0',
]
const ODD_TRAILERS = [
  'X: 1\r\n',
  'X : 1\r\n',
  'X: 1\n',
  ' X: 1\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  '\n',
  'X\r\n',
  'X: a\r\n b\r\n',
  '\r',
]

export type Focus = 'http1' | 'chunked'

/** One to four requests, one after the other, each with a target of its own. `focus` is where the oddities are. */
export function requests(random: Random, focus: Focus): Buffer {
  const count = random.pick([1, 1, 1, 2, 3, 4])
  return Buffer.from(Array.from({ length: count }, (_, index) => request(random, focus, index)).join(''), 'latin1')
}

function request(random: Random, focus: Focus, index: number): string {
  const oddity = focus === 'http1' ? 0.04 : 0.004
  const method = random.mostly(random.pick(METHODS), ODD_METHODS, oddity)
  const target = random.mostly(`/${index}${random.chance(0.2) ? '?q=http://x/' : ''}`, ODD_TARGETS, oddity)
  const version = random.mostly('HTTP/1.1', ODD_VERSIONS, oddity)
  const eol = (): string => random.mostly('\r\n', ODD_EOLS, oddity / 3)
  const space = (): string => random.mostly(' ', ODD_SPACES, oddity / 3)
  const framing = random.pick(focus === 'chunked' ? ['chunked'] : ['none', 'length', 'chunked'])
  const length = random.below(24)
  const fields = [`Host:${space()}a`]
  if (framing === 'length') fields.push(`Content-Length: ${random.mostly(String(length), ODD_LENGTHS, oddity)}`)
  if (framing === 'chunked') fields.push(`Transfer-Encoding: ${random.mostly('chunked', ODD_CODINGS, oddity)}`)
  while (random.chance(oddity * 5)) fields.splice(random.below(fields.length + 1), 0, random.pick(ODD_FIELDS))
  const head = `${method}${space()}${target}${space()}${version}${eol()}${fields.map((field) => field + eol()).join('')}${eol()}`
  return head + (framing === 'length' ? smuggled(length) : framing === 'chunked' ? chunked(random, focus) : '')
}

/** A body that would be a request if its framing were lost. */
function smuggled(length: number): string {
  return 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'.slice(0, length).padEnd(length, 'x')
}

function chunked(random: Random, focus: Focus): string {
  const oddity = focus === 'chunked' ? 0.06 : 0.02
  const eol = (): string => random.mostly('\r\n', ODD_EOLS, oddity / 2)
  const extension = (): string => (random.chance(oddity * 2) ? random.pick(ODD_EXTENSIONS) : '')
  const chunk = (): string => {
    const length = 1 + random.below(24)
    const text = random.chance(0.2) ? length.toString(16).toUpperCase() : length.toString(16)
    return `${random.mostly(text, ODD_SIZES, oddity / 2)}${extension()}${eol()}${smuggled(length)}${eol()}`
  }
  const trailers = random.list(1, () => (random.chance(oddity * 3) ? random.pick(ODD_TRAILERS) : ''))
  return `${random.list(4, chunk).join('')}${random.mostly('0', ['00', '-0', '', '0x0', '0 '], oddity / 2)}${extension()}${eol()}${trailers.join('')}${eol()}`
}

export const ODD_BYTES = Buffer.from('\0\t\n\x0b\r !",:;=AZaz09%/\x7f\x80\xa0\xff', 'latin1')
