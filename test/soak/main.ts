// `npm run soak`: the real cluster under load for a long time, with faults; fails if one request went where it must not.

import { parseArgs } from 'node:util'
import { describeMachine } from '../../bench/machine.ts'
import { provenance, saveResult } from '../../bench/results/saved.ts'
import { noCluster, noImages } from '../cluster/requirements.ts'
import type { Scope } from '../e2e/stage/scope.ts'
import { FAULTS } from './faults.ts'
import { figures, isGood, series, tell } from './report.ts'
import { soak, type SoakOptions } from './soak.ts'

const USAGE = `usage: npm run soak -- [OPTION…]
  --minutes N        how long it lasts (30)
  --seed N           repeats the order of faults (any)
  --sandboxes N      so many live at the same time (3)
  --rate N           requests of each of two ledgers in a second (40)
  --faults KINDS     'all' (default), 'none', or names with commas between:
                     ${Object.keys(FAULTS).join('\n                     ')}
  --cluster NAME     the cluster's name; one that is up is used, and stays up (soak)
  --save NAME        keeps the result as bench/results/NAME.json
`

class Run implements Scope {
  readonly #handlers: (() => unknown)[] = []

  teardown(handler: () => unknown): void {
    this.#handlers.push(handler)
  }

  async end(): Promise<void> {
    for (const handler of this.#handlers.splice(0).toReversed()) {
      await Promise.resolve()
        .then(handler)
        .catch((error: unknown) => say(`not cleaned up: ${String(error)}`))
    }
  }
}

const start = performance.now()
const say = (line: string) => console.log(`${((performance.now() - start) / 1000).toFixed(1).padStart(7)} s  ${line}`)
process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      sandboxes: { type: 'string', default: '3' },
      rate: { type: 'string', default: '40' },
      faults: { type: 'string', default: 'all' },
      cluster: { type: 'string', default: 'soak' },
      save: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { minutes, seed, sandboxes, rate, faults, cluster, save, help } = values
  const missing = noCluster() || noImages()
  if (help || missing !== false) {
    process.stderr.write(help ? USAGE : `${missing}\n`)
    return help ? 0 : 1
  }
  const options: SoakOptions = {
    name: cluster,
    minutes: Number(minutes),
    seed: Number(seed),
    sandboxes: Number(sandboxes),
    rate: Number(rate),
    faults: faults === 'none' ? [] : faults === 'all' ? Object.keys(FAULTS) : faults.split(','),
  }
  const command = `npm run soak -- --minutes ${minutes} --seed ${seed} --sandboxes ${sandboxes} --rate ${rate} --faults ${faults}`
  say(command)
  const machine = describeMachine()
  const run = new Run()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void run.end().finally(() => process.exit(1)))
  }
  try {
    const found = await soak(run, options, say)
    for (const line of tell(found)) console.log(line)
    if (save !== undefined) {
      const { name: _, faults: __, ...settings } = options
      const result = { bench: save, command, ...provenance(machine), versions: {}, settings }
      say(`kept in ${saveResult({ ...result, figures: figures(found), series: series(found) })}`)
    }
    return isGood(found) ? 0 : 1
  } finally {
    await run.end()
  }
}
