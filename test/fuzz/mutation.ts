// Damage to inputs that a grammar made: bytes that parsers care about put in, taken out, swapped, repeated.

import type { Random } from './random.ts'

/** `odd`: the bytes that are worth putting in. */
export function mutate(random: Random, input: Buffer, odd: Buffer): Buffer {
  let bytes = input
  for (let count = random.below(4); count > 0; count--) bytes = once(random, bytes, odd)
  return bytes
}

function once(random: Random, bytes: Buffer, odd: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  const before = bytes.subarray(0, at)
  const length = 1 + random.below(random.chance(0.2) ? 12 : 2)
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, Buffer.of(random.pick([...odd])), bytes.subarray(at)])
    case 1:
      return Buffer.concat([before, bytes.subarray(at + length)])
    case 2:
      return Buffer.concat([before, Buffer.of(random.pick([...odd])), bytes.subarray(at + 1)])
    case 3:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)])
    case 4: {
      const flipped = Buffer.from(bytes)
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
      return flipped
    }
    default:
      return Buffer.concat([before, bytes.subarray(random.below(bytes.length + 1)).subarray(0, 40), bytes.subarray(at)])
  }
}

/** The bytes in pieces, as a network may bring them. */
export function cut(random: Random, bytes: Buffer): Buffer[] {
  if (random.chance(0.4)) return [bytes]
  if (bytes.length < 64 && random.chance(0.2)) return Array.from(bytes, (byte) => Buffer.of(byte))
  const parts: Buffer[] = []
  let at = 0
  for (let count = random.below(4); count > 0 && at < bytes.length; count--) {
    const end = at + 1 + random.below(bytes.length - at)
    parts.push(bytes.subarray(at, end))
    at = end
  }
  if (at < bytes.length) parts.push(bytes.subarray(at))
  return parts
}
