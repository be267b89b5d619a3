// Reads the heads and trailers of requests and responses: every check of RFC 9113 §8.2 and §8.3, and what routing wants to know.

import type { Carrier } from '../../core/carrier.ts'
import { isHost, sameHost } from '../host.ts'
import { FieldNames, LAST_PSEUDO, Role, carrierOf, roleOf } from './field-names.ts'
import {
  decimal,
  equals,
  equalsInAnyCase,
  hasPort,
  isAsterisk,
  isMethod,
  isPath,
  isScheme,
  isValidValue,
} from './field-rules.ts'
import { BlockReader } from './hpack/block-reader.ts'
import type { DynamicTable } from './hpack/dynamic-table.ts'
import { LiteralWriter } from './hpack/literal-writer.ts'
import type { Http2Limits } from './limits.ts'
import { Verdict } from './verdict.ts'

const TRAILERS = Buffer.from('trailers')
const HEAD = Buffer.from('HEAD')
const CONNECT = Buffer.from('CONNECT')
const OPTIONS = Buffer.from('OPTIONS')
const GRPC = Buffer.from('application/grpc')

const GET_STATIC = 2
const POST_STATIC = 3

type Kind = 'request' | 'response' | 'trailers'

/**
 * One instance serves all connections of a process, one block at a time. What it found holds until the next block.
 * Given a dynamic table it also writes the block anew, for a hop without one: see `rewritten`.
 */
export class HeadReader {
  /** Of the request. */
  isHead = false
  isConnect = false
  /** CONNECT with :protocol (RFC 8441 §4): the sidecar must have said that it takes it. */
  isExtended = false
  /** Of the response, 100 to 999. */
  status = 0
  /** -1 if there is none. */
  contentLength = -1
  isGrpc = false
  /** The Accept header of the request; empty if it has none. */
  accept = ''

  readonly #fields = new BlockReader()
  readonly #writer = new LiteralWriter()
  readonly #names: FieldNames
  readonly #limits: Http2Limits
  readonly #carrierPlace: readonly number[]
  readonly #carrierText: (string | undefined)[]
  /** Pseudo-headers seen, one bit for each role. */
  #seen = 0
  #isOptions = false
  #pathIsAsterisk = false
  #namesPort = false
  #hosts = 0
  /** Requests come in runs for one host; what was valid once is not matched again. */
  #validHost: Buffer = Buffer.alloc(0)

  constructor(carriers: readonly Carrier[], limits: Http2Limits) {
    this.#names = new FieldNames(carriers)
    this.#limits = limits
    this.#carrierPlace = carriers.map(({ header }) => this.#names.carrierHeaders.indexOf(header))
    this.#carrierText = this.#names.carrierHeaders.map(() => undefined)
  }

  /** The i-th carrier's header in the request read last, its lines joined with a comma. */
  readonly carrierValue = (index: number): string | undefined => this.#carrierText[this.#carrierPlace[index] ?? -1]

  request(block: Buffer, start: number, end: number, table: DynamicTable | undefined): Verdict {
    this.isHead = this.isConnect = this.isExtended = this.isGrpc = this.#isOptions = this.#pathIsAsterisk = false
    this.accept = ''
    this.#hosts = 0
    for (let index = 0; index < this.#carrierText.length; index++) this.#carrierText[index] = undefined
    const verdict = this.#read(block, start, end, table, 'request')
    if (verdict !== Verdict.fine) return verdict
    const fine = this.#isWholeRequest() && (this.#hosts === 0 || this.#hostIsAuthority(block, start, end, table))
    return fine ? Verdict.fine : Verdict.malformed
  }

  response(block: Buffer, start: number, end: number, table: DynamicTable | undefined): Verdict {
    this.status = 0
    const verdict = this.#read(block, start, end, table, 'response')
    return verdict === Verdict.fine && this.status === 0 ? Verdict.malformed : verdict
  }

  trailers(block: Buffer, start: number, end: number, table: DynamicTable | undefined): Verdict {
    return this.#read(block, start, end, table, 'trailers')
  }

  /** The block that was just read with a table, as one that needs none. */
  rewritten(): Buffer {
    return this.#writer.take()
  }

  #read(block: Buffer, start: number, end: number, table: DynamicTable | undefined, kind: Kind): Verdict {
    const fields = this.#fields
    this.contentLength = -1
    this.#seen = 0
    let fine = true
    let regular = false
    fields.start(block, start, end, table)
    if (table !== undefined) this.#writer.reset()
    while (fields.next()) {
      if (fields.listSize > this.#limits.listBytes || fields.fields > this.#limits.listFields) continue
      if (table !== undefined) this.#writer.field(fields)
      // A malformed block is read to its end, since it may change the table.
      if (!fine) continue
      const meaning =
        fields.staticName === 0
          ? this.#names.of(fields.name, fields.nameStart, fields.nameEnd)
          : this.#names.ofStatic(fields.staticName)
      const role = meaning < 0 ? Role.invalid : roleOf(meaning)
      if (role > Role.ordinary && role <= LAST_PSEUDO) {
        fine = !regular && this.#pseudo(role, kind)
        continue
      }
      regular = true
      fine =
        role !== Role.invalid &&
        (fields.staticField !== 0 || isValidValue(fields.value, fields.valueStart, fields.valueEnd)) &&
        (meaning === Role.ordinary || this.#regular(meaning, role, kind))
    }
    if (fields.broken) return Verdict.undecodable
    if (fields.listSize > this.#limits.listBytes || fields.fields > this.#limits.listFields) return Verdict.tooLarge
    return fine ? Verdict.fine : Verdict.malformed
  }

  /** §8.3: each once, before all others, those of its kind only. */
  #pseudo(role: number, kind: Kind): boolean {
    const { value, valueStart, valueEnd, staticField } = this.#fields
    const bit = 1 << role
    if ((this.#seen & bit) !== 0) return false
    this.#seen |= bit
    if (kind === 'response') {
      this.status = valueEnd - valueStart === 3 ? decimal(value, valueStart, valueEnd) : -1
      // §8.6: there is no 101 in HTTP/2.
      return role === Role.status && this.status >= 100 && this.status !== 101
    }
    if (kind === 'trailers') return false
    switch (role) {
      case Role.method:
        if (staticField === GET_STATIC || staticField === POST_STATIC) return true
        this.isHead = equals(value, valueStart, valueEnd, HEAD)
        this.isConnect = equals(value, valueStart, valueEnd, CONNECT)
        this.#isOptions = equals(value, valueStart, valueEnd, OPTIONS)
        return isMethod(value, valueStart, valueEnd)
      case Role.scheme:
        return staticField !== 0 || isScheme(value, valueStart, valueEnd)
      case Role.path:
        if (staticField !== 0) return true
        this.#pathIsAsterisk = isAsterisk(value, valueStart, valueEnd)
        return isPath(value, valueStart, valueEnd)
      case Role.authority:
        this.#namesPort = hasPort(value, valueStart, valueEnd)
        return this.#isHost(value, valueStart, valueEnd)
      case Role.protocol:
        this.isExtended = true
        return isMethod(value, valueStart, valueEnd)
      default:
        return false
    }
  }

  #regular(meaning: number, role: number, kind: Kind): boolean {
    const { value, valueStart, valueEnd } = this.#fields
    const carrier = carrierOf(meaning)
    if (carrier >= 0 && kind === 'request') {
      const text = value.toString('latin1', valueStart, valueEnd)
      const before = this.#carrierText[carrier]
      this.#carrierText[carrier] = before === undefined ? text : `${before},${text}`
    }
    switch (role) {
      case Role.hop:
        return false
      case Role.te:
        return equalsInAnyCase(value, valueStart, valueEnd, TRAILERS)
      case Role.contentLength:
        // A list of equal numbers may be refused (RFC 9110 §8.6).
        if (kind === 'trailers') return true
        if (this.contentLength !== -1) return false
        this.contentLength = decimal(value, valueStart, valueEnd)
        return this.contentLength !== -1
      case Role.host:
        this.#hosts++
        return kind !== 'request' || this.#isHost(value, valueStart, valueEnd)
      case Role.contentType:
        this.isGrpc = valueEnd - valueStart >= GRPC.length && equals(value, valueStart, valueStart + GRPC.length, GRPC)
        return true
      case Role.accept:
        if (kind === 'request') this.accept = value.toString('latin1', valueStart, valueEnd)
        return true
      default:
        return true
    }
  }

  /** §8.3.1 and §8.5. */
  #isWholeRequest(): boolean {
    const has = (role: number): boolean => (this.#seen & (1 << role)) !== 0
    if (!has(Role.method) || this.#hosts > 1) return false
    if (this.isExtended) return this.isConnect && has(Role.scheme) && has(Role.path) && has(Role.authority)
    if (this.isConnect) return has(Role.authority) && this.#namesPort && !has(Role.scheme) && !has(Role.path)
    if (!has(Role.scheme) || !has(Role.path)) return false
    // RFC 9110 §7.1: OPTIONS * is for a server, not for what an authority names.
    if (this.#pathIsAsterisk) return this.#isOptions
    return has(Role.authority) || this.#hosts === 1
  }

  #isHost(bytes: Buffer, start: number, end: number): boolean {
    if (end > start && equals(bytes, start, end, this.#validHost)) return true
    if (!isHost(bytes.toString('latin1', start, end))) return false
    this.#validHost = Buffer.from(bytes.subarray(start, end))
    return true
  }

  /** §8.3.1: a Host that names something else than :authority. Both together are rare, so the block is read a second time. */
  #hostIsAuthority(block: Buffer, start: number, end: number, table: DynamicTable | undefined): boolean {
    const fields = this.#fields
    const plain = table === undefined ? block : this.#writer.take()
    const names: string[] = []
    let scheme = ''
    fields.start(plain, table === undefined ? start : 0, table === undefined ? end : plain.length, undefined)
    while (fields.next()) {
      const meaning = this.#names.of(fields.name, fields.nameStart, fields.nameEnd)
      const role = roleOf(meaning)
      if (meaning !== Role.authority && role !== Role.scheme && role !== Role.host) continue
      const text = fields.value.toString('latin1', fields.valueStart, fields.valueEnd).toLowerCase()
      if (role === Role.scheme) scheme = text
      else names.push(text)
    }
    return names.every((name) => sameHost(name, names[0] ?? '', scheme))
  }
}
