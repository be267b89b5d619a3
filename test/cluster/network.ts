// The network of a cluster, IPv4 and IPv6: every machine on one link, the pods of each in a range of its own, a route to every other
// machine's. It is the same for every cluster, since nothing of it exists outside the machines' own network namespaces.

import { run } from './command.ts'
import type { Machine } from './machine.ts'

export const SERVICE_RANGES = '10.96.0.0/16,fd00:96::/112'
export const POD_RANGES = '10.88.0.0/16,fd00:88::/48'
export const API_SERVICE = '10.96.0.1'
export const DNS_SERVICE = '10.96.0.10'
export const API_PORT = 6443

/** What machine `index`, from 1, is reached at: IPv4, IPv6. */
export function machineAddresses(index: number): readonly [string, string] {
  return [`10.89.0.${index}`, `fd00:89::${index}`]
}

/** The ranges that the pods on machine `index` have their addresses from: IPv4, IPv6. */
export function podRanges(index: number): readonly [string, string] {
  return [`10.88.${index}.0/24`, `fd00:88:0:${index}::/64`]
}

/** Joins them by a bridge in the first one. */
export async function connect(machines: readonly Machine[]): Promise<void> {
  const [first, ...others] = machines
  if (first === undefined) return
  await ip(first, ['link add nodes type bridge', 'link set nodes up'])
  for (const [i, machine] of others.entries()) {
    const port = `eth${i + 2}`
    await ip(machine, [`link add eth0 type veth peer name ${port} netns ${first.pid}`, 'link set eth0 up'])
    await ip(first, [`link set ${port} master nodes`, `link set ${port} up`])
  }
  await Promise.all(machines.map((machine, i) => ip(machine, addressing(i + 1, machines.length))))
}

/** Its own addresses and the ways to every other one's pods. Service addresses need a route as well, though nothing leaves by it. */
function addressing(index: number, count: number): readonly string[] {
  const link = index === 1 ? 'nodes' : 'eth0'
  const [v4, v6] = machineAddresses(index)
  const lines = [
    `addr add ${v4}/24 dev ${link}`,
    `-6 addr add ${v6}/64 dev ${link} nodad`,
    `route add default dev ${link}`,
    `-6 route add default dev ${link}`,
  ]
  for (let other = 1; other <= count; other++) {
    if (other === index) continue
    const [pods4, pods6] = podRanges(other)
    const [via4, via6] = machineAddresses(other)
    lines.push(`route add ${pods4} via ${via4}`, `-6 route add ${pods6} via ${via6}`)
  }
  return lines
}

async function ip(machine: Machine, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    // In its network only: process ids mean the same on both sides then.
    const [program, ...args] = machine.inNetwork(['ip', ...line.split(' ')])
    await run(program, args)
  }
}
