// Requests that parsers disagree about: mostly right, with one or two of the odd things that real attacks are made of.

import type { Random } from '../random.ts'
import { ODD_CODINGS, ODD_EOLS, ODD_LENGTHS, ODD_SPACES, chunked } from './framing-grammar.ts'

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

export type Focus = 'http1' | 'chunked'

const CHUNK_ODDITY: Readonly<Record<Focus, number>> = { http1: 0.02, chunked: 0.06 }

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
  return (
    head +
    (framing === 'length'
      ? smuggled(length)
      : framing === 'chunked'
        ? chunked(random, CHUNK_ODDITY[focus], smuggled)
        : '')
  )
}

/** A body that would be a request if its framing were lost. */
function smuggled(length: number): string {
  return 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'.slice(0, length).padEnd(length, 'x')
}
