// A process of many agents: `node agents-program.js KUBECONFIG FOLDER`. Nodes come as messages; what is in force where goes back.

import { setTimeout as sleep } from 'node:timers/promises'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { lineLog } from '../../runtime/line-log.ts'
import { startAgent } from './node-agent.ts'

/** Start an agent on each of these nodes. */
export interface Begin {
  readonly nodes: readonly string[]
}

export interface Told {
  /** All agents that were asked for have listed everything. */
  readonly listed?: number
  /** Routes to an address were put in force by one agent more, milliseconds since 1970. */
  readonly inForce?: readonly (readonly [address: string, at: number])[]
}

/** Lists are long: so many agents make theirs at a time. */
const AT_ONCE = 4
const TELL_MS = 100

const [file = '', state = ''] = process.argv.slice(2)
const credentials = await kubeconfigCredentials({ file })
const term = new AbortController()
const log = lineLog('error', {}, (line) => process.stderr.write(line))
const tell = (told: Told) => process.send?.(told)
let seen: (readonly [string, number])[] = []
let agents = 0

const inForce = (addresses: readonly string[]) => {
  const at = performance.timeOrigin + performance.now()
  for (const address of addresses) seen.push([address, at])
}

async function begin({ nodes }: Begin): Promise<void> {
  let next = 0
  const some = async () => {
    for (let node = nodes[next++]; node !== undefined; node = nodes[next++]) {
      await startAgent(credentials, node, state, inForce, log, term.signal)
      agents++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, some))
  tell({ listed: agents })
}

process.on('message', (message: Begin) => void begin(message))
process.on('disconnect', () => process.exit())
for (;;) {
  await sleep(TELL_MS)
  if (seen.length === 0) continue
  tell({ inForce: seen })
  seen = []
}
