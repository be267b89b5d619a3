// The command line of `npm run fuzz`.

import { parseArgs } from 'node:util'
import { TARGET_NAMES, type TargetName } from './target.ts'

export interface Options {
  readonly mode: 'fuzz' | 'soak'
  readonly seed: string
  readonly seconds: number
  readonly only: readonly TargetName[]
  /** The single execution to repeat; its input is that of the same seed and number. */
  readonly at: number | undefined
  readonly requests: number
}

export const USAGE = `npm run fuzz -- [--seconds N] [--seed S] [--only ${TARGET_NAMES.join('|')}] [--at EXECUTION]
npm run fuzz -- soak [--requests N] [--seed S]`

/** Throws an Error that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now()) },
      only: { type: 'string', default: TARGET_NAMES.join() },
      at: { type: 'string' },
      requests: { type: 'string', default: '200000' },
    },
  })
  const [mode = 'fuzz', ...rest] = positionals
  if ((mode !== 'fuzz' && mode !== 'soak') || rest.length > 0) throw new Error(`unknown: ${positionals.join(' ')}`)
  return {
    mode,
    seed: values.seed,
    seconds: whole('seconds', values.seconds),
    only: values.only.split(',').map(targetName),
    at: values.at === undefined ? undefined : whole('at', values.at),
    requests: whole('requests', values.requests),
  }
}

function targetName(text: string): TargetName {
  const found = TARGET_NAMES.find((name) => name === text)
  if (found === undefined) throw new Error(`--only takes ${TARGET_NAMES.join(', ')}, not '${text}'`)
  return found
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not '${text}'`)
  return Number(text)
}
