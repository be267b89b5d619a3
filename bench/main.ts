// `npm run bench -- MEASUREMENT…`: reads the options, measures, prints a report or the raw values.

import { measureController } from './controller.ts'
import { formatController } from './controller-report.ts'
import { formatEdits, measureEdits } from './edit.ts'
import { compareHttp1, HTTP1_DEFAULTS } from './http1.ts'
import { formatHttp1 } from './http1-report.ts'
import { compareHttp2, HTTP2_DEFAULTS } from './http2.ts'
import { countHttp2Failures, formatHttp2 } from './http2-report.ts'
import { errorCount } from './load/wrk.ts'
import { describeMachine, formatMachine } from './machine.ts'
import { checkMix, formatMixResult } from './mix.ts'
import { measureMemory } from './memory.ts'
import { countMemoryFailures, formatMemory } from './memory-report.ts'
import { formatPodStarts, measurePodStarts } from './pod-start.ts'
import { type Mode, type Options, parseOptions, UsageError } from './options.ts'
import { http1Peers, http2Peers } from './peers/all.ts'
import { stderrProgress } from './progress.ts'
import { measureRoutes, ROUTES_DEFAULTS } from './routes.ts'
import { countFailures, formatRoutes } from './routes-report.ts'
import { MissingTools } from './tools.ts'

/** Raw values for machines, and the report for people. */
interface Outcome {
  readonly raw: unknown
  readonly report: string
  /** Wrong and missing answers: the program exits with 1 if there is one. Missed budgets are only reported. */
  readonly failures: number
}

async function measure(mode: Mode, options: Options, signal: AbortSignal): Promise<Outcome> {
  switch (mode) {
    case 'http1': {
      const { rounds = HTTP1_DEFAULTS.rounds, seconds = HTTP1_DEFAULTS.seconds } = options
      const peers = http1Peers(options.only)
      const samples = await compareHttp1(peers, { ...HTTP1_DEFAULTS, rounds, seconds }, signal, stderrProgress)
      const failures = samples.reduce((sum, each) => sum + each.errors + each.wrong, 0)
      return { raw: samples, report: formatHttp1(samples), failures }
    }
    case 'http2': {
      const { rounds = HTTP2_DEFAULTS.rounds, seconds = HTTP2_DEFAULTS.seconds } = options
      const peers = http2Peers(options.only)
      const result = await compareHttp2(peers, { ...HTTP2_DEFAULTS, rounds, seconds }, signal, stderrProgress)
      return { raw: result, report: formatHttp2(result), failures: countHttp2Failures(result) }
    }
    case 'memory': {
      const result = await measureMemory(options.transfer, signal, stderrProgress)
      return { raw: result, report: formatMemory(result), failures: countMemoryFailures(result) }
    }
    case 'routes': {
      const { rounds = ROUTES_DEFAULTS.rounds, seconds = ROUTES_DEFAULTS.seconds } = options
      const result = await measureRoutes({ rounds, seconds }, signal, stderrProgress)
      return { raw: result, report: formatRoutes(result), failures: countFailures(result) }
    }
    case 'edit': {
      const result = await measureEdits(options.edits, signal, stderrProgress)
      const failures = result.load.errors + result.load.wrong
      return { raw: result, report: formatEdits(result), failures }
    }
    case 'controller': {
      const result = await measureController(options.sandboxes, signal, stderrProgress)
      return { raw: result, report: formatController(result), failures: 0 }
    }
    case 'mix': {
      const result = await checkMix(options.requests, signal, stderrProgress)
      const { wrk, paced } = result
      const failures = wrk.wrong + errorCount(wrk) + paced.wrong + paced.errors
      return { raw: result, report: formatMixResult(result), failures }
    }
    case 'pod-start': {
      const starts = await measurePodStarts(options.pods, signal, stderrProgress)
      return { raw: starts, report: formatPodStarts(starts), failures: 0 }
    }
  }
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args)
  const machine = describeMachine()
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error('interrupted')))
  const results: Record<string, unknown> = {}
  for (const mode of options.modes) {
    const { raw, report, failures } = await measure(mode, options, abort.signal)
    results[mode] = raw
    if (failures > 0) process.exitCode = 1
    if (!options.json) console.log(`${mode}: ${formatMachine(machine)}\n\n${report}\n`)
  }
  if (options.json) console.log(JSON.stringify({ machine, results }, null, 2))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof UsageError) process.exitCode = 64
  else process.exitCode = error instanceof MissingTools ? 69 : 1
}
