// No proxy at all: what the others' latency is counted from.

import type { Peer } from '../peer.ts'

export const direct: Peer = {
  name: 'direct',
  start: (site) =>
    Promise.resolve({ port: site.baseline, pids: () => [], others: () => [], stop: () => Promise.resolve() }),
}
