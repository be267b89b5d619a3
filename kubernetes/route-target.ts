// Addresses that no Route may point at, whoever wrote it: a routing key comes from outside, and must lead to pods only.

import { BlockList, isIPv4 } from 'node:net'

const REFUSED: readonly (readonly [what: string, network: string, prefix: number])[] = [
  ['an unspecified address', '0.0.0.0', 8],
  ['a loopback address', '127.0.0.0', 8],
  ['a link-local address', '169.254.0.0', 16],
  ['a multicast address', '224.0.0.0', 4],
  ['a reserved address', '240.0.0.0', 4],
  ['an unspecified address', '::', 128],
  ['a loopback address', '::1', 128],
  ['an IPv4 address in the form of an IPv6 one', '::ffff:0.0.0.0', 96],
  ['a link-local address', 'fe80::', 10],
  ['a multicast address', 'ff00::', 8],
  // core/interception.ts: these stand for destinations inside a pod.
  ['a loopback address', 'fd7d:5d77::', 96],
]

/** Reasons of `Accepted=False`: the address is a pod's, but not one that this Route may lead to. */
export const ELSEWHERE = { sandbox: 'NotOfTheSandbox', namespace: 'NotOfTheNamespace' } as const

/** Tells what an IP address is that no pod has, for a sentence: `a loopback address`; undefined if a pod may have it. */
export type WhyNoPod = (host: string) => string | undefined

/** `nodes` are the addresses of nodes, as far as they are known: what uses the host's network is not a fork. */
export function whyNoPod(nodes: Iterable<string>): WhyNoPod {
  const lists = REFUSED.map(([what, network, prefix]) => {
    const list = new BlockList()
    list.addSubnet(network, prefix, familyOf(network))
    return [what, list, familyOf(network)] as const
  })
  const own = new BlockList()
  for (const node of nodes) own.addAddress(node, familyOf(node))
  return (host) => {
    const family = familyOf(host)
    // A BlockList takes an IPv4 address for its IPv4-mapped form, so each is asked for its own family only.
    const found = lists.find(([, list, of]) => of === family && list.check(host, family))
    return found?.[0] ?? (own.check(host, family) ? "a node's address" : undefined)
  }
}

function familyOf(host: string): 'ipv4' | 'ipv6' {
  return isIPv4(host) ? 'ipv4' : 'ipv6'
}
