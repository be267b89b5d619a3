// Arguments of curl, with a routing key in the `baggage` header of the request.

import { lineOf, valueOf, withKey } from './sandbox/header.ts'

/**
 * `-H 'baggage: …'` with the key in front; `baggage` headers that `args` hold already are joined into it, as a second line of the name would
 * be for whoever reads it. A header in a file (`-H @file`) stays where it is.
 */
export function withRoutingKey(args: readonly string[], key: string): readonly string[] {
  const kept: string[] = []
  const values: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    const { line, length, flags } = headerArgument(arg, args[at + 1])
    const value = line === undefined ? undefined : valueOf(line)
    if (value === undefined) {
      kept.push(...args.slice(at, at + length))
    } else {
      values.push(value)
      if (flags !== undefined) kept.push(flags)
    }
    at += length - 1
  }
  return ['-H', lineOf(withKey(values.join(','), key)), ...kept]
}

interface HeaderArgument {
  readonly line?: string
  /** How many arguments it takes. */
  readonly length: number
  /** Flags that stand before it in the same argument: `-s` of `-sH`. */
  readonly flags?: string
}

function headerArgument(arg: string, next = ''): HeaderArgument {
  if (arg === '-H' || arg === '--header') return { line: next, length: 2 }
  if (arg.startsWith('--header=')) return { line: arg.slice('--header='.length), length: 1 }
  if (arg.startsWith('-H')) return { line: arg.slice('-H'.length), length: 1 }
  // Short flags without values may stand before it.
  if (/^-[0-9#BfgGiIjJklLMnNOpqRsSvV]+H$/.test(arg)) return { line: next, length: 2, flags: arg.slice(0, -1) }
  return { length: 1 }
}
