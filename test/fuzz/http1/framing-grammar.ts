// What parsers disagree about wherever a message is framed: line ends, lengths, codings, chunks.

import type { Random } from '../random.ts'

export const ODD_EOLS = ['\n', '\r', '\r\r\n', '\n\r', '', '\r\n ', '\r\n\t', '\0\r\n', '\x85']
export const ODD_SPACES = ['', '  ', '\t', '\x0b', '\x0c', '\xa0', '\0']
export const ODD_LENGTHS = [
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
export const ODD_CODINGS = [
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

/** Bytes that are worth putting in anywhere. */
export const ODD_BYTES = Buffer.from('\0\t\n\x0b\r !",:;=AZaz09%/\x7f\x80\xa0\xff', 'latin1')

/** A chunked body. `oddity` is how likely each part is to be odd; `content` gives a chunk's data. */
export function chunked(random: Random, oddity: number, content: (length: number) => string): string {
  const eol = (): string => random.mostly('\r\n', ODD_EOLS, oddity / 2)
  const extension = (): string => (random.chance(oddity * 2) ? random.pick(ODD_EXTENSIONS) : '')
  const chunk = (): string => {
    const length = 1 + random.below(24)
    const text = random.chance(0.2) ? length.toString(16).toUpperCase() : length.toString(16)
    return `${random.mostly(text, ODD_SIZES, oddity / 2)}${extension()}${eol()}${content(length)}${eol()}`
  }
  const trailers = random.list(1, () => (random.chance(oddity * 3) ? random.pick(ODD_TRAILERS) : ''))
  return `${random.list(4, chunk).join('')}${random.mostly('0', ['00', '-0', '', '0x0', '0 '], oddity / 2)}${extension()}${eol()}${trailers.join('')}${eol()}`
}
