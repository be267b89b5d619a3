// The nftables programs of one pod's network namespace, as text for `nft -f`: each is one transaction. Pure.

import {
  AGENT_PORT,
  BEAT_ADDRESS,
  BEAT_PORT,
  BEAT_TIMEOUT_MS,
  FIRST_INBOUND_PORT,
  INBOUND_PORTS,
  INTERCEPT_PORT,
  localAddress,
} from '../../core/interception.ts'
import type { Address } from '../../core/address.ts'
import { familyOf } from './destinations.ts'

export const NFT_TABLE = 'sidetrack'
const T = `inet ${NFT_TABLE}`

/** Calls from the pod to this address go to local address `number`. */
export interface Redirect {
  readonly to: Address
  readonly number: number
}

/** Calls to the pod's own address go to this port of the sidecar. */
export interface InboundRedirect {
  readonly to: Address
  readonly port: number
}

/** Connections from this address to this port of the pod are probes and are left alone. */
export interface ProbeSource {
  readonly from: string
  readonly port: number
}

/** What goes and comes in one transaction: `remove` before `add`, so that an address may change its number. */
export interface NftChange {
  readonly removeRedirects: readonly Address[]
  readonly addRedirects: readonly Redirect[]
  readonly removeInbound: readonly Address[]
  readonly addInbound: readonly InboundRedirect[]
}

export const NO_CHANGE: NftChange = { removeRedirects: [], addRedirects: [], removeInbound: [], addInbound: [] }

/** Elements in one statement: its text stays a short line for nft's own parser. */
const ELEMENTS_A_STATEMENT = 500

/**
 * The table with its chains, for a new namespace or one that has them already: elements and open connections stay, the rules are
 * written anew. Nothing is redirected for `uid`, the sidecar's, nor while the sidecar has not sent its beat for BEAT_TIMEOUT_MS.
 */
export function tableProgram(uid: number, probes: readonly ProbeSource[]): string {
  const alive = 'meta mark & 0x0 == @alive'
  // Only a connection's first packet: without this, conntrack takes a connection that was open before the table for a new one.
  const syn = 'tcp flags & (fin | syn | rst | ack) == syn'
  return [
    `add table ${T}`,
    // Its one key is a constant: an element of a set is the only thing that the kernel itself ends after a time.
    `add set ${T} alive { type mark; flags dynamic,timeout; timeout ${BEAT_TIMEOUT_MS}ms; }`,
    `add map ${T} destination4 { type ipv4_addr . inet_service : ipv4_addr . inet_service; }`,
    `add map ${T} destination6 { type ipv6_addr . inet_service : ipv6_addr . inet_service; }`,
    `add map ${T} inbound4 { type ipv4_addr . inet_service : inet_service; }`,
    `add map ${T} inbound6 { type ipv6_addr . inet_service : inet_service; }`,
    `add set ${T} probe4 { type ipv4_addr . inet_service; }`,
    `add set ${T} probe6 { type ipv6_addr . inet_service; }`,
    `flush set ${T} probe4`,
    `flush set ${T} probe6`,
    ...elements('add', 'probe4', probes.filter(({ from }) => familyOf(from) === 4).map(probeElement)),
    ...elements('add', 'probe6', probes.filter(({ from }) => familyOf(from) === 6).map(probeElement)),
    // Ahead of conntrack: a datagram that is dropped at once need not be tracked.
    ...chain('beat', 'type filter hook output priority -300', [
      `meta skuid ${uid} ip daddr ${BEAT_ADDRESS} udp dport ${BEAT_PORT} update @alive { meta mark & 0x0 } drop`,
    ]),
    ...chain('out', 'type nat hook output priority -100', [
      `meta skuid ${uid} return`,
      `${syn} ${alive} meta nfproto ipv4 meta l4proto tcp dnat ip to ip daddr . tcp dport map @destination4`,
      `${syn} ${alive} meta nfproto ipv6 meta l4proto tcp dnat ip6 to ip6 daddr . tcp dport map @destination6`,
    ]),
    ...chain('in', 'type nat hook prerouting priority -100', [
      'iifname "lo" return',
      'ip saddr . tcp dport @probe4 return',
      'ip6 saddr . tcp dport @probe6 return',
      `${syn} ${alive} meta nfproto ipv4 meta l4proto tcp redirect to :ip daddr . tcp dport map @inbound4`,
      `${syn} ${alive} meta nfproto ipv6 meta l4proto tcp redirect to :ip6 daddr . tcp dport map @inbound6`,
    ]),
    ...chain('guard', 'type filter hook input priority 0', [
      'iifname "lo" accept',
      `tcp dport ${INTERCEPT_PORT} drop`,
      `ip daddr 127.0.0.0/8 tcp dport ${AGENT_PORT} drop`,
      `tcp dport ${FIRST_INBOUND_PORT}-${FIRST_INBOUND_PORT + INBOUND_PORTS - 1} ct status & dnat != dnat drop`,
    ]),
    '',
  ].join('\n')
}

export function changeProgram(change: NftChange): string {
  const statements: string[] = []
  const both = (verb: 'add' | 'delete', map: string, all: readonly (readonly [to: Address, element: string])[]) => {
    for (const family of [4, 6] as const) {
      const here = all.filter(([to]) => familyOf(to.host) === family).map(([, element]) => element)
      statements.push(...elements(verb, `${map}${family}`, here))
    }
  }
  both(
    'delete',
    'destination',
    change.removeRedirects.map((to) => [to, addressKey(to)]),
  )
  both(
    'delete',
    'inbound',
    change.removeInbound.map((to) => [to, addressKey(to)]),
  )
  both(
    'add',
    'destination',
    change.addRedirects.map(({ to, number }) => {
      const local = localAddress(number, familyOf(to.host))
      return [to, `${addressKey(to)} : ${local} . ${INTERCEPT_PORT}`]
    }),
  )
  both(
    'add',
    'inbound',
    change.addInbound.map(({ to, port }) => [to, `${addressKey(to)} : ${port}`]),
  )
  return `${statements.join('\n')}\n`
}

/** The sidecar is gone: nothing is redirected until the next beat. */
export const SIDECAR_GONE = `flush set ${T} alive\n`

/** Nothing is redirected any more; what is redirected already goes on. */
export const EMPTY = [
  ...['destination4', 'destination6', 'inbound4', 'inbound6'].map((map) => `flush map ${T} ${map}`),
  `flush set ${T} alive`,
  '',
].join('\n')

/** Takes everything away, if there is anything. Connections that are still redirected break. */
export const REMOVE = `add table ${T}\ndelete table ${T}\n`

function chain(name: string, base: string, rules: readonly string[]): readonly string[] {
  return [
    `add chain ${T} ${name} { ${base}; policy accept; }`,
    `flush chain ${T} ${name}`,
    ...rules.map((rule) => `add rule ${T} ${name} ${rule}`),
  ]
}

function elements(verb: 'add' | 'delete', set: string, all: readonly string[]): readonly string[] {
  const statements: string[] = []
  for (let at = 0; at < all.length; at += ELEMENTS_A_STATEMENT)
    statements.push(`${verb} element ${T} ${set} { ${all.slice(at, at + ELEMENTS_A_STATEMENT).join(', ')} }`)
  return statements
}

function addressKey({ host, port }: Address): string {
  return `${host} . ${port}`
}

function probeElement({ from, port }: ProbeSource): string {
  return `${from} . ${port}`
}
