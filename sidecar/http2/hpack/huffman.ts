// Decodes Huffman-coded strings (RFC 7541 §5.2) four bits at a time: a table of 16 KiB stays in the processor's first cache.

import { END_OF_STRING, huffmanCodes } from './huffman-code.ts'

/** A step holds the next state in bits 0 to 7, the symbol in 8 to 15, and these. */
const EMITS = 1 << 16
const INVALID = 1 << 17

const { steps: STEPS, mayEnd: MAY_END } = buildTables()

/**
 * Decodes `source[start, end)` into `target` from 0 on and returns the number of bytes, or -1 if the code is not valid:
 * it holds EOS, or its padding is longer than seven bits or not all ones. `target` has room for `decodedRoom(end - start)`.
 */
export function decodeHuffman(source: Buffer, start: number, end: number, target: Buffer): number {
  let state = 0
  let length = 0
  let all = 0
  for (let at = start; at < end; at++) {
    const byte = source[at]!
    let step = STEPS[(state << 4) | (byte >> 4)]!
    target[length] = step >> 8
    length += (step >> 16) & 1
    all |= step
    step = STEPS[((step & 255) << 4) | (byte & 15)]!
    target[length] = step >> 8
    length += (step >> 16) & 1
    all |= step
    state = step & 255
  }
  return (all & INVALID) !== 0 || MAY_END[state] === 0 ? -1 : length
}

/** No code is shorter than five bits; one more, since every step writes its symbol whether or not it is complete. */
export function decodedRoom(encodedLength: number): number {
  return ((encodedLength * 8) / 5 + 2) | 0
}

interface Node {
  readonly branches: [Node | undefined, Node | undefined]
  symbol: number
  state: number
}

/** States are the inner nodes of the code's tree, of which there are 256. */
function buildTables(): { steps: Int32Array; mayEnd: Uint8Array } {
  const root = newNode()
  for (const { symbol, bits, length } of huffmanCodes()) {
    let node = root
    for (let bit = length - 1; bit >= 0; bit--) node = node.branches[(bits >> bit) & 1] ??= newNode()
    node.symbol = symbol
  }
  const inner = numberInnerNodes(root)
  const steps = new Int32Array(inner.length * 16)
  for (const node of inner) {
    for (let nibble = 0; nibble < 16; nibble++) steps[(node.state << 4) | nibble] = stepFrom(node, nibble, root)
  }
  const mayEnd = new Uint8Array(inner.length)
  let node: Node | undefined = root
  for (let ones = 0; ones < 8 && node !== undefined; ones++, node = node.branches[1]) mayEnd[node.state] = 1
  return { steps, mayEnd }
}

function newNode(): Node {
  return { branches: [undefined, undefined], symbol: -1, state: -1 }
}

function numberInnerNodes(root: Node): readonly Node[] {
  const inner: Node[] = []
  const visit = (node: Node | undefined): void => {
    if (node === undefined || node.symbol >= 0) return
    node.state = inner.length
    inner.push(node)
    visit(node.branches[0])
    visit(node.branches[1])
  }
  visit(root)
  return inner
}

/** Four bits hold the end of one symbol at most. */
function stepFrom(from: Node, nibble: number, root: Node): number {
  let node = from
  let emitted = 0
  for (let bit = 3; bit >= 0; bit--) {
    const next = node.branches[(nibble >> bit) & 1]
    if (next === undefined || next.symbol === END_OF_STRING) return INVALID
    node = next
    if (node.symbol >= 0) {
      emitted = EMITS | (node.symbol << 8)
      node = root
    }
  }
  return emitted | node.state
}
