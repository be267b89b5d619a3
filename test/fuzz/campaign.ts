// Runs the targets one after the other for their share of the time, and reports executions per second and minimised findings.

import { minimise } from './minimise.ts'
import type { Options } from './options.ts'
import { Random } from './random.ts'
import type { Target, TargetName } from './target.ts'
import { startFrames } from './http2/frames.ts'
import { startHpack } from './http2/hpack.ts'
import { startHttp1 } from './http1/http1.ts'
import { startResponses } from './http1/responses.ts'

const MOST_FINDINGS = 5

const START: Readonly<Record<TargetName, () => Promise<Target>>> = {
  http1: () => startHttp1('http1'),
  chunked: () => startHttp1('chunked'),
  responses: startResponses,
  hpack: startHpack,
  frames: startFrames,
}

interface Finding {
  readonly at: number
  readonly fault: string
  readonly input: Buffer
}

/** True if nothing was found. What it prints is for people; the seed and `--at` repeat one execution. */
export async function runCampaign(options: Options, say: (line: string) => void): Promise<boolean> {
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  process.on('uncaughtException', note).on('unhandledRejection', note)
  let clean = true
  for (const name of options.only) {
    const target = await START[name]()
    const { findings, executions, seconds } = await runTarget(target, options, uncaught)
    say(`${name}: ${executions} executions, ${Math.round(executions / seconds)}/s, ${target.summary()}`)
    for (const finding of findings) {
      clean = false
      const small = await reduced(target, options, finding)
      say(`FINDING ${name} --seed ${options.seed} --at ${finding.at}: ${finding.fault}`)
      say(`  input     ${finding.input.toString('hex')}`)
      say(`  minimised ${small.toString('hex')}\n            ${JSON.stringify(small.toString('latin1'))}`)
    }
    await target.close()
  }
  process.off('uncaughtException', note).off('unhandledRejection', note)
  return clean
}

function inputOf(target: Target, seed: string, at: number): Buffer {
  return target.generate(new Random(seed, target.name, at))
}

function decisions(target: Target, seed: string, at: number): Random {
  return new Random(seed, target.name, at, 'execution')
}

async function runTarget(target: Target, { seed, seconds, only, at: single }: Options, uncaught: unknown[]) {
  const start = performance.now()
  const end = start + (seconds * 1000) / only.length
  const findings: Finding[] = []
  let next = single ?? 0
  let executions = 0
  const more = (): boolean =>
    findings.length < MOST_FINDINGS && (single === undefined ? performance.now() < end : next === single)
  const lane = async (): Promise<void> => {
    while (more()) {
      const at = next++
      const input = inputOf(target, seed, at)
      const fault = await target.execute(input, decisions(target, seed, at)).catch((error: unknown) => describe(error))
      executions++
      if (fault !== undefined) findings.push({ at, fault, input })
      // With several executions at once it is one of those that run; each is tried alone when it is minimised.
      const thrown = uncaught.shift()
      if (thrown !== undefined) findings.push({ at, fault: `uncaught: ${describe(thrown)}`, input })
    }
  }
  await Promise.all(Array.from({ length: single === undefined ? target.concurrency : 1 }, lane))
  return { findings, executions, seconds: (performance.now() - start) / 1000 }
}

async function reduced(target: Target, { seed }: Options, { at, input }: Finding): Promise<Buffer> {
  const fails = async (bytes: Buffer): Promise<boolean> =>
    (await target.execute(bytes, decisions(target, seed, at)).catch(describe)) !== undefined
  return (await fails(input)) ? minimise(input, fails) : input
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
