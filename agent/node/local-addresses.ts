// Which local address stands for which destination on this node: the same in every pod, written down before it is used, and not given
// to another destination while there are others that never were.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { LOCAL_ADDRESSES } from '../../core/interception.ts'

/** By destination, as text: `10.96.0.1:80` → the number of its local address. */
export type Numbers = ReadonlyMap<string, number>

interface Written {
  /** The number that was given last. */
  readonly last: number
  readonly numbers: Readonly<Record<string, number>>
}

export class LocalAddresses {
  readonly #file: string
  readonly #limit: number
  readonly #numbers = new Map<string, number>()
  readonly #taken = new Set<number>()
  #last = 0
  #unwritten = false

  private constructor(file: string, limit: number) {
    this.#file = file
    this.#limit = limit
  }

  /**
   * What the file says. `lost` tells why it says nothing (it is not there, or not whole): the numbers that kernels on this node already
   * use must then be adopted before any is given.
   */
  static load(file: string, limit = LOCAL_ADDRESSES): { readonly addresses: LocalAddresses; readonly lost?: string } {
    const addresses = new LocalAddresses(file, limit)
    try {
      const written = parse(readFileSync(file, 'utf8'), limit)
      for (const [destination, number] of Object.entries(written.numbers)) addresses.#take(destination, number)
      addresses.#last = written.last
      return { addresses }
    } catch (error) {
      return { addresses, lost: error instanceof Error ? error.message : String(error) }
    }
  }

  get numbers(): Numbers {
    return this.#numbers
  }

  /**
   * Takes over what a kernel says. False if another destination has the number, or this destination another number: that redirect must
   * go before anything is said to its sidecar.
   */
  adopt(destination: string, number: number): boolean {
    const known = this.#numbers.get(destination)
    if (known !== undefined || this.#taken.has(number)) return known === number
    this.#take(destination, number)
    this.#last = Math.max(this.#last, number)
    return true
  }

  /**
   * Gives each of these destinations a number and takes theirs from all others but `kept`. What is new is in the file when this returns.
   * Throws if it cannot be written, or if no number is left.
   */
  assign(destinations: Iterable<string>, kept: (destination: string) => boolean = () => false): Numbers {
    const wanted = new Set(destinations)
    for (const [destination, number] of this.#numbers) {
      if (wanted.has(destination) || kept(destination)) continue
      this.#numbers.delete(destination)
      this.#taken.delete(number)
      this.#unwritten = true
    }
    for (const destination of wanted) {
      if (this.#numbers.has(destination)) continue
      this.#last = this.#next()
      this.#take(destination, this.#last)
      this.#unwritten = true
    }
    if (this.#unwritten) this.#write()
    return this.#numbers
  }

  #take(destination: string, number: number): void {
    this.#numbers.set(destination, number)
    this.#taken.add(number)
  }

  /** Goes round through all numbers, so that one comes back as late as possible. */
  #next(): number {
    if (this.#taken.size >= this.#limit) throw new RangeError(`all ${this.#limit} local addresses are in use`)
    let number = this.#last
    do number = (number % this.#limit) + 1
    while (this.#taken.has(number))
    return number
  }

  /** A new file in place of the old one: a reader finds either, never a half. */
  #write(): void {
    const written: Written = { last: this.#last, numbers: Object.fromEntries(this.#numbers) }
    const next = `${this.#file}.new`
    writeFileSync(next, JSON.stringify(written), { mode: 0o600, flush: true })
    renameSync(next, this.#file)
    this.#unwritten = false
  }
}

function parse(text: string, limit: number): Written {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('last' in value) || !('numbers' in value))
    throw new TypeError('it holds no local addresses')
  const { last, numbers } = value
  if (!isNumber(last, limit, 0) || typeof numbers !== 'object' || numbers === null)
    throw new TypeError('it holds no local addresses')
  const seen = new Set<unknown>()
  const entries: [string, number][] = []
  for (const [destination, number] of Object.entries(numbers)) {
    if (!isNumber(number, limit, 1) || seen.has(number)) throw new TypeError(`${destination} has no number of its own`)
    seen.add(number)
    entries.push([destination, number])
  }
  return { last, numbers: Object.fromEntries(entries) }
}

function isNumber(value: unknown, limit: number, least: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= limit
}
