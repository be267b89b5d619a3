// What a namespace's kernel says that it redirects, from `nft -j list table inet sidetrack`. Pure.

import { type Address, formatAddress } from '../../core/address.ts'
import { INTERCEPT_PORT, LOCAL_ADDRESSES, localAddress } from '../../core/interception.ts'

export interface NftTable {
  /** By the address that is called, as text: the number of the local address. */
  readonly redirects: ReadonlyMap<string, number>
  /** By the pod's own address that is called, as text: the sidecar's port. */
  readonly inbound: ReadonlyMap<string, number>
  /** Elements that lead elsewhere: nothing of ours. */
  readonly strange: readonly Address[]
}

export const NO_TABLE: NftTable = { redirects: new Map(), inbound: new Map(), strange: [] }

/** Throws a SyntaxError if `json` is none. What it does not know, it passes over. */
export function readNftTable(json: string): NftTable {
  const redirects = new Map<string, number>()
  const inbound = new Map<string, number>()
  const strange: Address[] = []
  for (const map of members(field(JSON.parse(json), 'nftables')).map((each) => field(each, 'map'))) {
    const name = field(map, 'name')
    for (const element of members(field(map, 'elem'))) {
      const [key, value] = members(element)
      const from = concatenated(key)
      if (from === undefined) continue
      if (name === 'destination4' || name === 'destination6') {
        const to = concatenated(value)
        const number = to?.port === INTERCEPT_PORT ? localNumber(to.host) : undefined
        if (number === undefined) strange.push(from)
        else redirects.set(formatAddress(from), number)
      } else if ((name === 'inbound4' || name === 'inbound6') && typeof value === 'number')
        inbound.set(formatAddress(from), value)
    }
  }
  return { redirects, inbound, strange }
}

/** The number of a local address; undefined if it is none. */
export function localNumber(host: string): number | undefined {
  const parts = host.startsWith('fd7d:5d77::') ? groups(host.slice('fd7d:5d77::'.length)) : quad(host)
  const number = parts === undefined ? 0 : (parts[0] << 16) | parts[1]
  if (number < 1 || number > LOCAL_ADDRESSES) return undefined
  return localAddress(number, host.includes(':') ? 6 : 4) === host ? number : undefined
}

type Halves = readonly [high: number, low: number]

function groups(text: string): Halves {
  const values = text.split(':').map((group) => Number.parseInt(group, 16))
  return [values.length > 1 ? (values[0] ?? 0) : 0, values.at(-1) ?? 0]
}

function quad(host: string): Halves | undefined {
  const [first, second = 0, third = 0, fourth = 0] = host.split('.').map(Number)
  return first === 127 && second >= 64 && second < 128 ? [second - 64, (third << 8) | fourth] : undefined
}

/** `{"concat": ["10.96.0.1", 80]}` */
function concatenated(value: unknown): Address | undefined {
  const [host, port] = members(field(value, 'concat'))
  return typeof host === 'string' && typeof port === 'number' ? { host, port } : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}

function members(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
