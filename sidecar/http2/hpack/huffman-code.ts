// The Huffman code of RFC 7541 Appendix B. It is canonical, so the lengths of its 257 codes (the last is EOS) say all of it.

/** One base-32 digit for each symbol: the length of its code in bits, 5 to 30. */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq' +
  'u'

export const END_OF_STRING = 256

export interface HuffmanCode {
  readonly symbol: number
  /** Right-aligned. */
  readonly bits: number
  readonly length: number
}

/** All codes, in the order of their values. */
export function huffmanCodes(): readonly HuffmanCode[] {
  const lengths = Array.from(LENGTHS, (digit, symbol) => ({ symbol, length: Number.parseInt(digit, 32) }))
  lengths.sort((a, b) => a.length - b.length || a.symbol - b.symbol)
  let next = 0
  let before = 0
  return lengths.map(({ symbol, length }) => {
    next <<= length - before
    before = length
    return { symbol, bits: next++, length }
  })
}
