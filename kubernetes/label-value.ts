// Names that became too long for where they are to stand: their beginning and a hash of what they name.

import { createHash } from 'node:crypto'

const LABEL_LENGTH = 63
const HASH_LENGTH = 8

/** `name` itself or, if that is longer than a label's value may be, its beginning and a hash. */
export function labelValue(name: string): string {
  return name.length > LABEL_LENGTH ? cut(name, name, LABEL_LENGTH) : name
}

/** At most `length` characters; two that name different things (`identity`) stay different. */
export function cut(name: string, identity: string, length: number): string {
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, HASH_LENGTH)
  const room = length - HASH_LENGTH - 1
  return `${name.slice(0, room).replace(/[-.]+$/, '')}-${hash}`
}
