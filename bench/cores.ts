// Which core each part of a measurement runs on: the proxy alone on one, everything else on others.

import { availableParallelism } from 'node:os'

export interface Cores {
  readonly load: number
  readonly proxy: number
  readonly upstream: number
}

/** With two cores the load generator and the upstreams share one; with more the upstreams have their own. */
export function assignCores(available: number = availableParallelism()): Cores {
  if (available < 2) throw new Error('measuring needs two cores: one for the proxy, one for everything else')
  return { load: 0, proxy: 1, upstream: available > 2 ? 2 : 0 }
}
