// Recognises the few field names that mean something to the sidecar, while checking each name's bytes.

import type { Carrier } from '../../core/carrier.ts'
import { NAME_BYTE, equals } from './field-rules.ts'
import { STATIC_LENGTH, staticName } from './hpack/static-table.ts'

/** What a name means here. */
export const Role = {
  invalid: -1,
  ordinary: 0,
  authority: 1,
  method: 2,
  path: 3,
  scheme: 4,
  status: 5,
  protocol: 6,
  unknownPseudo: 7,
  hop: 8,
  te: 9,
  contentLength: 10,
  host: 11,
  contentType: 12,
  accept: 13,
} as const

/** The last pseudo-header. */
export const LAST_PSEUDO = Role.unknownPseudo

const ROLES: readonly (readonly [name: string, role: number])[] = [
  [':authority', Role.authority],
  [':method', Role.method],
  [':path', Role.path],
  [':scheme', Role.scheme],
  [':status', Role.status],
  // RFC 8441 §4.
  [':protocol', Role.protocol],
  // RFC 9113 §8.2.2: they belong to one HTTP/1 connection.
  ['connection', Role.hop],
  ['proxy-connection', Role.hop],
  ['keep-alive', Role.hop],
  ['transfer-encoding', Role.hop],
  ['upgrade', Role.hop],
  ['te', Role.te],
  ['content-length', Role.contentLength],
  ['host', Role.host],
  ['content-type', Role.contentType],
  ['accept', Role.accept],
]

/** A name's role is in the lower bits, the place of its carrier header plus one above. */
const ROLE_BITS = 4
const ROLE_MASK = (1 << ROLE_BITS) - 1

const SLOTS = 512
const COLON = 0x3a

interface KnownName {
  readonly bytes: Buffer
  readonly meaning: number
}

export class FieldNames {
  /** Distinct headers of the carriers; `carrierOf` says which of them a name is. */
  readonly carrierHeaders: readonly string[]
  /** By static index. */
  readonly #static = new Int32Array(STATIC_LENGTH + 1)
  readonly #slots: (KnownName[] | undefined)[] = Array.from({ length: SLOTS })

  constructor(carriers: readonly Carrier[]) {
    this.carrierHeaders = [...new Set(carriers.map(({ header }) => header))]
    const meanings = new Map(ROLES)
    for (const [index, header] of this.carrierHeaders.entries()) {
      meanings.set(header, (meanings.get(header) ?? 0) | ((index + 1) << ROLE_BITS))
    }
    for (const [name, meaning] of meanings) {
      const bytes = Buffer.from(name, 'latin1')
      ;(this.#slots[slotOf(bytes, 0, bytes.length)] ??= []).push({ bytes, meaning })
    }
    for (let index = 1; index <= STATIC_LENGTH; index++) {
      this.#static[index] = meanings.get(staticName(index) ?? '') ?? Role.ordinary
    }
  }

  ofStatic(index: number): number {
    return this.#static[index]!
  }

  /** Role.invalid if the name breaks a rule; otherwise see `roleOf` and `carrierOf`. */
  of(bytes: Buffer, start: number, end: number): number {
    if (start === end) return Role.invalid
    const pseudo = bytes[start] === COLON
    let valid = 1
    for (let at = pseudo ? start + 1 : start; at < end; at++) valid &= NAME_BYTE[bytes[at]!]!
    if (valid === 0) return Role.invalid
    const known = this.#slots[slotOf(bytes, start, end)]
    if (known !== undefined) {
      for (const { bytes: name, meaning } of known) {
        if (equals(bytes, start, end, name)) return meaning
      }
    }
    return pseudo ? Role.unknownPseudo : Role.ordinary
  }
}

export function roleOf(meaning: number): number {
  return meaning & ROLE_MASK
}

/** The place in `carrierHeaders`, or -1. */
export function carrierOf(meaning: number): number {
  return (meaning >> ROLE_BITS) - 1
}

/** Length and three letters tell nearly all names apart; the rest is compared. */
function slotOf(bytes: Buffer, start: number, end: number): number {
  return ((end - start) * 31 + bytes[start]! * 7 + bytes[(start + end) >> 1]! * 3 + bytes[end - 1]!) % SLOTS
}
