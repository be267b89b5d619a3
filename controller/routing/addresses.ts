// Where the ready pods of a fork listen: from the EndpointSlices of its own Service.

import { formatAddress } from '../../core/address.ts'
import type { EndpointSlice } from '../../kubernetes/resources/builtin.ts'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

/**
 * One address a pod, sorted, for the Service's port with this name (empty if it has none). A pod with addresses of both families has that
 * of the Service's first: an app that listens on one of them alone listens on that one.
 */
export function readyAddresses(
  slices: readonly EndpointSlice[],
  portName: string,
  families: readonly string[],
): readonly string[] {
  const byPod = new Map<string, { readonly address: string; readonly rank: number }>()
  for (const slice of slices) {
    const family = families.indexOf(slice.addressType)
    const rank = family === -1 ? families.length : family
    const port = slice.ports?.find(
      ({ name, protocol }) => (name ?? '') === portName && (protocol ?? 'TCP') === 'TCP',
    )?.port
    if (port === undefined || !['IPv4', 'IPv6'].includes(slice.addressType)) continue
    for (const endpoint of slice.endpoints ?? []) {
      const [host] = endpoint.addresses
      if (!isReady(endpoint) || host === undefined) continue
      const pod = endpoint.targetRef?.uid ?? host
      const other = byPod.get(pod)
      if (other === undefined || rank < other.rank) byPod.set(pod, { address: formatAddress({ host, port }), rank })
    }
  }
  return [...byPod.values()].map(({ address }) => address).toSorted()
}

/** A condition that is not given counts as ready; a pod that ends is not, even if it still answers. */
function isReady({ conditions }: Endpoint): boolean {
  return (conditions?.ready ?? true) && conditions?.terminating !== true
}

/** The names of the pods that are ready, whatever their ports, sorted. */
export function readyPods(slices: readonly EndpointSlice[]): readonly string[] {
  const pods = new Set<string>()
  for (const { endpoints } of slices) {
    for (const endpoint of endpoints ?? []) {
      if (isReady(endpoint) && endpoint.targetRef?.name !== undefined) pods.add(endpoint.targetRef.name)
    }
  }
  return [...pods].toSorted()
}
