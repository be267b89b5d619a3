// What one request of the soak is, what is done to it on its way, and what its answer must be.

import { createCipheriv, hash } from 'node:crypto'
import type { Random } from '../random.ts'

export const MAX_BODY = 1024 * 1024
const START_ROOM = 1024 * 1024

/** Bytes that every process of a soak has: bodies are slices of them. */
export const POOL = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(
  Buffer.alloc(MAX_BODY + START_ROOM),
)

export interface Slice {
  readonly start: number
  readonly length: number
}

export type Variant = 'baseline' | 'fork-a' | 'fork-b'

/** By the keys that a request carries: who answers it. `refused`: nobody, the sidecar says 503. */
export const ANSWERS: Readonly<Record<string, { readonly by: Variant | 'refused'; readonly route?: string }>> = {
  '': { by: 'baseline' },
  'pr-42': { by: 'fork-a', route: 'pr-42' },
  'pr-57': { by: 'fork-b', route: 'pr-57' },
  'pr-99': { by: 'baseline' },
  'pr-99.pr-57.pr-42': { by: 'fork-b', route: 'pr-57' },
  'pr-base': { by: 'baseline' },
  'pr-unready': { by: 'refused' },
  'pr-dead': { by: 'refused' },
}

const OFTEN = ['', 'pr-42', 'pr-57', 'pr-99', 'pr-99.pr-57.pr-42', 'pr-base']
const SELDOM = ['pr-unready', 'pr-dead']

export interface RequestPlan {
  readonly key: string
  readonly body: Slice
  readonly wanted: Slice
  readonly chunked: boolean
  /** Where the client gives up: after so many bytes of the answer; 0 while it still sends. */
  readonly abortAt: number | undefined
  /** Where the upstream dies: `request` before it answers, otherwise after that share of its answer; and how. */
  readonly death: { readonly at: 'request' | 'head' | 'body'; readonly reset: boolean } | undefined
}

export function planRequest(random: Random): RequestPlan {
  const wanted = slice(random)
  const aborts = random.chance(0.02)
  return {
    key: random.mostly(random.pick(OFTEN), SELDOM, 0.02),
    body: slice(random),
    wanted,
    chunked: random.chance(0.5),
    abortAt: aborts ? random.pick([0, 1, random.below(wanted.length + 1)]) : undefined,
    death:
      !aborts && random.chance(0.01)
        ? { at: random.pick(['request', 'head', 'body']), reset: random.chance(0.5) }
        : undefined,
  }
}

/** Log-uniform from 4 bytes to 1 MiB, so half of them are under 2 KiB; one in twenty is empty. */
function slice(random: Random): Slice {
  const length = random.chance(0.05) ? 0 : Math.floor(2 ** (2 + random.next() * 18))
  return { start: random.below(START_ROOM), length }
}

export function bytesOf({ start, length }: Slice): Buffer {
  return POOL.subarray(start, start + length)
}

export function digest(bytes: Buffer): string {
  return hash('sha1', bytes)
}

/** The header fields that carry the plan to the upstream, lower-case. */
export function planHeaders(plan: RequestPlan): Record<string, string> {
  const { key, body, wanted, death, chunked } = plan
  return {
    ...(key === '' ? {} : { baggage: `a=1,sidetrack=${key},b=2` }),
    'x-sha': digest(bytesOf(body)),
    'x-want': `${wanted.start}:${wanted.length}:${chunked ? 'chunked' : 'length'}`,
    ...(death === undefined ? {} : { 'x-die': `${death.at}:${death.reset ? 'reset' : 'end'}` }),
  }
}
