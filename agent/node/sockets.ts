// The TCP connections of a network namespace, as the kernel lists them: which go through the sidecar, and which go past it.

import { readFile } from 'node:fs/promises'
import { SocketAddress } from 'node:net'
import { formatAddress, parseAddress } from '../../core/address.ts'
import { FIRST_INBOUND_PORT, INBOUND_PORTS, INTERCEPT_PORT } from '../../core/interception.ts'

/** One end of an open connection. Addresses as text: `10.88.1.7:40000`; IPv4 is IPv4, on whatever kind of socket. */
export interface Connection {
  readonly local: string
  readonly localPort: number
  readonly remote: string
  readonly remotePort: number
  /** As the reader's user namespace has it. */
  readonly uid: number
}

/** TCP_ESTABLISHED in the kernel's tcp_states.h. */
const ESTABLISHED = '01'
/** ::ffff:0:0/96, as the lists write it. */
const MAPPED = '0000000000000000FFFF0000'

/** Of the network namespace that a process is in; none if it is gone. */
export async function openConnections(pid: number, proc = '/proc'): Promise<readonly Connection[]> {
  const lists = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`${proc}/${pid}/net/${name}`, 'utf8').catch(() => '')),
  )
  return lists.flatMap(readConnections)
}

/** proc_net_tcp(5): `1: 0100007F:9C40 0100007F:3AA2 01 … uid …`, in words of a machine with the low byte first. */
export function readConnections(list: string): readonly Connection[] {
  const found: Connection[] = []
  for (const line of list.split('\n').slice(1)) {
    const [, local = '', remote = '', state, , , , uid] = line.trim().split(/\s+/)
    if (state !== ESTABLISHED) continue
    const [from, to] = [address(local), address(remote)]
    found.push({
      local: formatAddress(from),
      localPort: from.port,
      remote: formatAddress(to),
      remotePort: to.port,
      uid: Number(uid),
    })
  }
  return found
}

/** Connections that the sidecar has taken. */
export function throughSidecar(connections: readonly Connection[]): readonly Connection[] {
  return connections.filter(({ localPort: port }) => {
    return port === INTERCEPT_PORT || (port >= FIRST_INBOUND_PORT && port < FIRST_INBOUND_PORT + INBOUND_PORTS)
  })
}

/** What the rules of a pod take to its sidecar. Addresses as those of connections. */
export interface Redirected {
  /** Calls of this address. */
  readonly calls: (address: string) => boolean
  /** Calls that arrive for this address of the pod. */
  readonly arrivals: (address: string) => boolean
  /** Calls from this host to this port of the pod are probes, and left alone. */
  readonly isProbe: (host: string, port: number) => boolean
}

/**
 * Connections that would be redirected if they were opened now, and of which the sidecar has no other end: they are older. `isExempt` is said of
 * the sidecar's own user.
 */
export function pastSidecar(
  connections: readonly Connection[],
  { calls, arrivals, isProbe }: Redirected,
  isExempt: (uid: number) => boolean,
): readonly Connection[] {
  const taken = new Set(throughSidecar(connections).map(({ remote }) => remote))
  return connections.filter(({ local, localPort, remote, uid }) => {
    if (calls(remote)) return !taken.has(local) && !isExempt(uid)
    if (!arrivals(local)) return false
    // What the pod calls of itself, as its sidecar does, does not come through its interface.
    const from = hostOf(remote)
    return from !== hostOf(local) && !isProbe(from, localPort)
  })
}

function hostOf(text: string): string {
  return parseAddress(text)?.host ?? ''
}

function address(text: string): { readonly host: string; readonly port: number } {
  const [hex = '', port = ''] = text.split(':')
  return { host: host(hex), port: Number.parseInt(port, 16) }
}

function host(hex: string): string {
  if (hex.length === 8) return quad(hex)
  if (hex.startsWith(MAPPED)) return quad(hex.slice(MAPPED.length))
  const groups: string[] = []
  for (let at = 0; at < hex.length; at += 8) {
    const word = hex.slice(at, at + 8)
    groups.push(word.slice(6, 8) + word.slice(4, 6), word.slice(2, 4) + word.slice(0, 2))
  }
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address
}

function quad(word: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)).join('.')
}
