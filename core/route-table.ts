// The routes of one Service by key: constant-time look-up in two memory accesses, about 30 bytes for the usual route.

import { isIpv4 } from './address.ts'
import type { Route } from './route.ts'

/** A slot whose route has gone; a search goes on behind it. */
const GONE = -1

/** Length of the key, the key, four bytes of address, two of port. */
const OVERHEAD_BYTES = 7

/**
 * The usual route is ready, has one IPv4 address and no special wish. It is kept as a record of bytes, since an object with its strings
 * costs 550 of them, an entry of a Map 80, and a sidecar may hold 100,000. Records lie one behind the other; a hash table with open
 * addressing holds their places. Any other route has a record with port 0 and is kept whole beside them. Keys are those that
 * `isRoutingKey` accepts: 1 to 63 ASCII characters.
 */
export class RouteTable {
  /** Place of a record plus one; 0 is free. The length is a power of two, and at most half of it is taken. */
  #slots = new Int32Array(16)
  /** Slots that are not free, GONE ones included. */
  #taken = 0
  #records = new Uint8Array(256)
  /** Bytes of records, those of routes that have gone included. */
  #used = 0
  #size = 0
  readonly #unusual = new Map<string, Route>()

  get size(): number {
    return this.#size
  }

  get(key: string): Route | undefined {
    const slot = this.#find(key)
    return slot === -1 ? undefined : this.#routeAt(this.#place(slot), key)
  }

  set(route: Route): void {
    const { key, addresses } = route
    const [address] = addresses
    const usual = route.ready && route.unready === 'fail' && addresses.length === 1 && isIpv4(address?.host ?? '')
    if (usual) this.#unusual.delete(key)
    else this.#unusual.set(key, route)
    const known = this.#find(key)
    const at = (known === -1 ? this.#add(key) : this.#place(known)) + 1 + key.length
    const host = usual ? (address?.host ?? '').split('.') : []
    const port = usual ? (address?.port ?? 0) : 0
    this.#records.set(
      [Number(host[0] ?? 0), Number(host[1] ?? 0), Number(host[2] ?? 0), Number(host[3] ?? 0), port >>> 8, port & 255],
      at,
    )
  }

  delete(key: string): boolean {
    const slot = this.#find(key)
    if (slot === -1) return false
    this.#slots[slot] = GONE
    this.#unusual.delete(key)
    this.#size--
    return true
  }

  /** Every route that is there from the first look to the last, perhaps more than once if the table changes meanwhile. */
  *routes(): Generator<Route> {
    let slots = this.#slots
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots !== this.#slots) {
        slots = this.#slots
        slot = 0
      }
      const place = (slots[slot] ?? 0) - 1
      if (place < 0) continue
      const length = this.#byte(place)
      yield this.#routeAt(place, String.fromCharCode(...this.#records.subarray(place + 1, place + 1 + length)))
    }
  }

  /** The slot of the key's record, or -1. */
  #find(key: string): number {
    const mask = this.#slots.length - 1
    for (let slot = hash(key) & mask; ; slot = (slot + 1) & mask) {
      const taken = this.#slots[slot] ?? 0
      if (taken === 0) return -1
      if (taken !== GONE && this.#holds(taken - 1, key)) return slot
    }
  }

  #holds(place: number, key: string): boolean {
    if (this.#byte(place) !== key.length) return false
    for (let i = 0; i < key.length; i++) if (this.#byte(place + 1 + i) !== key.charCodeAt(i)) return false
    return true
  }

  #routeAt(place: number, key: string): Route {
    const at = place + 1 + key.length
    const port = this.#byte(at + 4) * 256 + this.#byte(at + 5)
    const unusual = port === 0 ? this.#unusual.get(key) : undefined
    if (unusual !== undefined) return unusual
    const host = `${this.#byte(at)}.${this.#byte(at + 1)}.${this.#byte(at + 2)}.${this.#byte(at + 3)}`
    return { key, addresses: [{ host, port }], ready: true, reason: '', unready: 'fail' }
  }

  /** Makes a record with the key and returns its place. */
  #add(key: string): number {
    const bytes = key.length + OVERHEAD_BYTES
    if ((this.#taken + 1) * 2 > this.#slots.length || this.#used + bytes > this.#records.length) this.#rebuild(bytes)
    const place = this.#used
    this.#used += bytes
    this.#records[place] = key.length
    for (let i = 0; i < key.length; i++) this.#records[place + 1 + i] = key.charCodeAt(i)
    this.#occupy(hash(key), place)
    this.#size++
    return place
  }

  #occupy(keyHash: number, place: number): void {
    const mask = this.#slots.length - 1
    let slot = keyHash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = place + 1
    this.#taken++
  }

  /** Makes room for one more record of so many bytes, and leaves out the routes that have gone. */
  #rebuild(bytes: number): void {
    const { slots, records } = { slots: this.#slots, records: this.#records }
    let live = bytes
    for (const taken of slots) if (taken > 0) live += (records[taken - 1] ?? 0) + OVERHEAD_BYTES
    let length = 16
    while ((this.#size + 1) * 2 > length) length *= 2
    // A table that has just been filled to the brim is about to be filled further.
    if ((this.#size + 1) * 8 > length * 3) length *= 2
    this.#slots = new Int32Array(length)
    this.#records = new Uint8Array(Math.max(256, live + (live >>> 1)))
    this.#taken = 0
    this.#used = 0
    for (const taken of slots) {
      if (taken <= 0) continue
      const record = records.subarray(taken - 1, taken - 1 + (records[taken - 1] ?? 0) + OVERHEAD_BYTES)
      this.#records.set(record, this.#used)
      this.#occupy(hashBytes(record), this.#used)
      this.#used += record.length
    }
  }

  #place(slot: number): number {
    return (this.#slots[slot] ?? 0) - 1
  }

  #byte(at: number): number {
    return this.#records[at] ?? 0
  }
}

/** FNV-1a with its high bits folded in: the low bits alone repeat for keys that count up. */
function hash(key: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < key.length; i++) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193)
  return value ^ (value >>> 15)
}

/** The same of a record's key. */
function hashBytes(record: Uint8Array): number {
  let value = 0x811c9dc5
  const end = 1 + (record[0] ?? 0)
  for (let i = 1; i < end; i++) value = Math.imul(value ^ (record[i] ?? 0), 0x01000193)
  return value ^ (value >>> 15)
}
