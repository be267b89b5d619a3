// `npm run bench -- MEASUREMENT…`: reads the options, measures, prints a report or the raw values, and keeps the result if it is told.

import { describeMachine, formatMachine, type Machine } from './machine.ts'
import { MEASUREMENTS, type Outcome } from './measurements.ts'
import { type Mode, parseOptions, UsageError } from './options.ts'
import { provenance, saveResult } from './results/saved.ts'
import { MissingTools } from './tools.ts'

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args)
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error('interrupted')))
  const results: Record<string, unknown> = {}
  const first = describeMachine()
  for (const [index, mode] of options.modes.entries()) {
    // The load before it; that of the measurement before would look like somebody else's.
    const machine = index === 0 ? first : { ...describeMachine(), load: first.load }
    const outcome = await MEASUREMENTS[mode](options, abort.signal)
    results[mode] = outcome.raw
    if (outcome.failures > 0) process.exitCode = 1
    if (!options.json) console.log(`${mode}: ${formatMachine(machine)}\n\n${outcome.report}\n`)
    if (options.save) console.error(`bench: kept in ${keep(mode, outcome, machine, args, options.modes)}`)
  }
  if (options.json) console.log(JSON.stringify({ machine: first, results }, null, 2))
}

/** The command names this measurement alone. */
function keep(mode: Mode, outcome: Outcome, machine: Machine, args: readonly string[], modes: readonly Mode[]): string {
  const { settings, figures, series = [], versions = {} } = outcome
  const rest = args.filter((each) => !modes.some((name) => name === each) && each !== '--save' && each !== '--json')
  const command = ['npm run bench --', mode, ...rest].join(' ')
  return saveResult({ bench: mode, command, ...provenance(machine), versions, settings, figures, series })
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof UsageError) process.exitCode = 64
  else process.exitCode = error instanceof MissingTools ? 69 : 1
}
