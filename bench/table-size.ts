// A program (node --expose-gc): fills a sidecar's tables with as many routes as its argument says, prints bytes per route.

import { Tables } from '../sidecar/tables.ts'
import type { AgentMessage } from '../core/wire.ts'
import { tableKeys } from './rule.ts'

/** Everything that V8 holds for JavaScript, array buffers included. */
function held(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const count = Number(process.argv[2])
const tables = new Tables()
const before = held()
for (const key of tableKeys(count)) {
  // Through JSON, as it comes over the wire: the strings are then the table's own.
  const entry = { kind: 'route', table: 'cart', key, addresses: ['127.0.0.1:8101'] }
  const message: Extract<AgentMessage, { put: unknown }> = JSON.parse(JSON.stringify({ put: entry }))
  tables.apply(message)
}
const after = held()
console.log(JSON.stringify({ routes: tables.table('cart').size, bytesPerRoute: (after - before) / count }))
