// Answers that parsers disagree about: mostly right, with one or two of the odd things that split and smuggle responses.

import type { Random } from '../random.ts'
import { ODD_CODINGS, ODD_EOLS, ODD_LENGTHS, ODD_SPACES, chunked } from './framing-grammar.ts'

/** What was asked decides how an answer is framed; each by the letter that an input begins with. */
export const ASKED = { G: 'GET', H: 'HEAD', C: 'CONNECT', U: 'an upgrade' } as const
export type Asked = (typeof ASKED)[keyof typeof ASKED]

const STATUSES = ['200', '200', '200', '200', '201', '204', '206', '205', '301', '304', '404', '500', '503']
const INTERIM = ['100', '102', '103', '104', '150', '199']
const ODD_STATUSES = ['101', '100', '099', '20', '2000', '2x0', '-20', '000', '600', '999', '1 0', '2\xb2', '0xc', '']
const REASONS = [' OK', ' ', '', ' not at all', ' \xfcber', '  two']
const ODD_REASONS = ['\tOK', ' O\0K', ' O\rK', ' O\nX: 1', ' 200 OK', '\x0b', ' O\x7f', ' OK\r', ' \r']
const ODD_VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/1.9',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1',
  'HTTP/11.1',
  'HTTP/1.10',
  'ICY',
  'RTSP/1.0',
  'ICE/1.0',
  '\r\nHTTP/1.1',
  '\nHTTP/1.1',
  ' HTTP/1.1',
  '',
]
const ODD_FIELDS = [
  'X : 1',
  'X:',
  'X',
  ': 1',
  ' X: 1',
  'X: a\r\n b',
  'X:\r\n a',
  'X: a\r\n\tContent-Length: 3',
  'X: a\r\n \r\n b',
  'X: \r\n ',
  'X: a\x01',
  'X: \xe9',
  'X\0: 1',
  'X: a\rTransfer-Encoding: chunked',
  'X: a\nContent-Length: 3',
  'Content-Length\x0b: 3',
  'Content-Length : 3',
  'Content-Length\t: 3',
  'Content-Length:\r\n 3',
  'Content-Length: 1\r\n 3',
  'Content-Length: 3\r\n ',
  'Content-Length: 3, 3',
  'Content-Length: 0',
  'Content-Length: 3',
  'Content_Length: 3',
  'Transfer-Encoding: chunked',
  'transfer-encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: chunked\r\n ',
  'Transfer-Encoding: x\r\n chunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: identity',
  'Transfer-Encoding:',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: upgrade',
  'Connection: content-length',
  'Connection: keep-alive, close',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Proxy-Connection: close',
  'Keep-Alive: timeout=5',
  'Trailer: Content-Length',
  'Content-Type: multipart/byteranges; boundary=x',
  'Set-Cookie: a=b',
]

/** A letter of `ASKED`, then every byte that the upstream answers with. */
export function answer(random: Random): Buffer {
  const letter = random.pick(['G', 'G', 'G', 'G', 'H', 'H', 'C', 'U'])
  const interims = random.chance(0.2) ? random.list(2, () => interim(random)).join('') : ''
  const behind = random.chance(0.12) ? random.pick(['\r\n', '\n', 'x', '\0', smuggled(60), '0\r\n\r\n']) : ''
  return Buffer.from(`${letter}${interims}${final(random, letter)}${behind}`, 'latin1')
}

/** Asked what, and the bytes of the answer. A letter that damage has made another one is a GET. */
export function split(input: Buffer): { readonly asked: Asked; readonly bytes: Buffer } {
  const letter = String.fromCharCode(input[0] ?? 0)
  return { asked: letter in ASKED ? ASKED[letter as keyof typeof ASKED] : 'GET', bytes: input.subarray(1) }
}

function interim(random: Random): string {
  const fields = random.list(2, () => random.pick(['Link: </a>', ...ODD_FIELDS]))
  return head(random, random.pick(INTERIM), fields, 0.02)
}

function final(random: Random, letter: string): string {
  const oddity = 0.04
  const usual = letter === 'U' && random.chance(0.3) ? '101' : random.pick(STATUSES)
  const status = random.mostly(usual, ODD_STATUSES, oddity)
  const framing = random.pick(['none', 'length', 'length', 'chunked', 'chunked', 'both'])
  const length = random.below(24)
  const fields: string[] = []
  if (framing === 'length' || framing === 'both')
    fields.push(`Content-Length: ${random.mostly(String(length), ODD_LENGTHS, oddity * 2)}`)
  if (framing === 'chunked' || framing === 'both')
    fields.push(`Transfer-Encoding: ${random.mostly('chunked', ODD_CODINGS, oddity * 2)}`)
  while (random.chance(oddity * 7)) fields.splice(random.below(fields.length + 1), 0, random.pick(ODD_FIELDS))
  if (random.chance(0.002))
    fields.push(random.pick([`X: ${'v'.repeat(131_000)}`, 'X: 1\r\n'.repeat(1001).slice(0, -2)]))
  const start = head(random, status, fields, oddity)
  const bodiless = letter === 'H' || status === '204' || status === '304'
  if (bodiless && random.chance(0.9)) return start
  if (framing === 'chunked' || framing === 'both') return start + chunked(random, 0.03, smuggled)
  return start + smuggled(framing === 'length' && random.chance(0.95) ? length : random.below(60))
}

function head(random: Random, status: string, fields: readonly string[], oddity: number): string {
  const eol = (): string => random.mostly('\r\n', ODD_EOLS, oddity / 3)
  const version = random.mostly('HTTP/1.1', ODD_VERSIONS, oddity)
  const space = random.mostly(' ', ODD_SPACES, oddity / 3)
  const reason = random.mostly(random.pick(REASONS), ODD_REASONS, oddity / 2)
  return `${version}${space}${status}${reason}${eol()}${fields.map((field) => field + eol()).join('')}${eol()}`
}

/** A body that would be a response if its framing were lost. */
function smuggled(length: number): string {
  return 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled'.slice(0, length).padEnd(length, 'x')
}
