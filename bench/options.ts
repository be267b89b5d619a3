// The command line: which measurements, and how long.

import { parseArgs } from 'node:util'
import { ISTIO_PARTS, type IstioPart } from './istio/part.ts'
import { DEFAULT_PEERS, isHttp1Peer, isHttp2Peer, PEER_NAMES, type PeerName } from './peers/all.ts'

export const MODES = [
  'http1',
  'http2',
  'memory',
  'routes',
  'edit',
  'mix',
  'controller',
  'scale',
  'pod-start',
  'istio',
] as const
export type Mode = (typeof MODES)[number]

export interface Options {
  readonly modes: readonly Mode[]
  readonly json: boolean
  /** Keep the results in bench/results. */
  readonly save: boolean
  /** Undefined where the measurement's own default counts. */
  readonly rounds: number | undefined
  readonly seconds: number | undefined
  readonly only: readonly PeerName[]
  /** Of `istio`. */
  readonly parts: readonly IstioPart[]
  readonly requests: number
  readonly edits: number
  /** Of each kind in `pod-start`. */
  readonly pods: number
  /** MiB of each bulk transfer of `memory`. */
  readonly transfer: number
  /** Of `controller` and `scale`; each has its own default. */
  readonly sandboxes: number | undefined
  /** Of `scale`, the most. */
  readonly nodes: number
  /** The most sandboxes on one Service, of `istio`. */
  readonly most: number
}

/** One line that says what is wrong with the command line; the program exits with 64 (EX_USAGE). */
export class UsageError extends Error {
  constructor(what: string) {
    super(`${what}; see bench/README.md`)
    this.name = 'UsageError'
  }
}

const OPTIONS = {
  json: { type: 'boolean' },
  save: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  only: { type: 'string' },
  requests: { type: 'string' },
  edits: { type: 'string' },
  pods: { type: 'string' },
  transfer: { type: 'string' },
  sandboxes: { type: 'string' },
  nodes: { type: 'string' },
  most: { type: 'string' },
} as const

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args)
  if (positionals.length === 0) throw new UsageError(`name a measurement: ${MODES.join(', ')}`)
  const modes = positionals.map((each) => oneOf(MODES, each, 'measurement'))
  const names = values.only?.split(',').map((each) => oneOf([...PEER_NAMES, ...ISTIO_PARTS], each, 'peer'))
  const only = names?.filter((each) => isOneOf(PEER_NAMES, each)) ?? DEFAULT_PEERS
  const parts = names?.filter((each) => isOneOf(ISTIO_PARTS, each)) ?? ISTIO_PARTS
  if (modes.includes('istio') && parts.length === 0) throw new UsageError('no part of istio in --only')
  for (const [mode, belongs] of [
    ['http1', isHttp1Peer],
    ['http2', isHttp2Peer],
  ] as const) {
    if (modes.includes(mode) && !only.some(belongs)) throw new UsageError(`no peer of ${mode} in --only`)
  }
  return {
    modes,
    json: values.json ?? false,
    save: values.save ?? false,
    rounds: whole('rounds', values.rounds, 1, 100),
    seconds: whole('seconds', values.seconds, 1, 600),
    only,
    parts,
    requests: whole('requests', values.requests, 64, 100_000_000) ?? 200_000,
    edits: whole('edits', values.edits, 1, 10_000) ?? 50,
    pods: whole('pods', values.pods, 1, 1000) ?? 20,
    transfer: whole('transfer', values.transfer, 1, 1 << 20) ?? 1024,
    sandboxes: whole('sandboxes', values.sandboxes, 100, 100_000),
    nodes: whole('nodes', values.nodes, 1, 2000) ?? 200,
    most: whole('most', values.most, 1, 100_000) ?? 10_000,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // The rest of Node's message explains how to pass what looks like an option as an argument.
    throw new UsageError((error instanceof Error ? error.message : String(error)).split('. ', 1)[0] ?? '')
  }
}

function oneOf<T extends string>(known: readonly T[], text: string, what: string): T {
  const found = known.find((each) => each === text)
  if (found === undefined) throw new UsageError(`unknown ${what} '${text}': ${known.join(', ')}`)
  return found
}

function isOneOf<T extends string>(known: readonly T[], text: string): text is T {
  return known.some((each) => each === text)
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not '${text}'`)
  }
  return value
}
