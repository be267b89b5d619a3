// Cuts a node off, from the API server alone or from everything outside it, and joins it again.

import type { Machine } from '../cluster/machine.ts'
import { API_PORT } from '../cluster/network.ts'

const TABLE = 'inet sidetrack-soak-cut'
const OUTSIDE = 'eth0'

export async function cutOff(machine: Machine, what: 'the API server' | 'everything'): Promise<() => Promise<void>> {
  const ports = what === 'everything' ? '' : `tcp dport ${API_PORT} `
  const chain = (hook: string, match: string) =>
    `chain ${hook} { type filter hook ${hook} priority -300; ${match} ${ports}drop; }`
  const chains = [chain('output', `oifname ${OUTSIDE}`), chain('forward', `oifname ${OUTSIDE}`)]
  if (what === 'everything') chains.push(chain('input', `iifname ${OUTSIDE}`))
  await machine.run(['nft', '--file', '-'], `table ${TABLE} {\n${chains.join('\n')}\n}`)
  return async () => {
    await machine.run(['nft', 'delete', 'table', ...TABLE.split(' ')])
  }
}
