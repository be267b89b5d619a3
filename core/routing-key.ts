// A routing key names the sandboxes that a request belongs to; a request may carry several, in order of precedence.

import type { TraceMark } from './hop.ts'

/** More keys than this in one request are ignored: each one costs a look-up. */
export const MAX_KEYS = 64

const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/

export interface RoutingKeys {
  /** In order of precedence, without repetition. */
  readonly keys: readonly string[]
  /** The sender would rather have a 503 than the baseline when a key names no live sandbox. */
  readonly strict: boolean
  /** Sidecars are to report the request. */
  readonly trace: TraceMark | undefined
}

export const NO_KEYS: RoutingKeys = { keys: [], strict: false, trace: undefined }

/** 1 to 63 letters, digits, `-` and `_`, a letter or digit first and last: a Kubernetes label value without dots. */
export function isRoutingKey(text: string): boolean {
  return KEY.test(text)
}

/** The keys in `text`, which separates them by `.` or `,`. What is not a key is skipped: an intermediary may have cut it off. */
export function splitKeys(text: string): readonly string[] {
  if (isRoutingKey(text)) return [text]
  const keys: string[] = []
  for (const part of text.split(/[.,]/)) {
    const key = part.trim()
    if (isRoutingKey(key) && !keys.includes(key)) keys.push(key)
    if (keys.length === MAX_KEYS) break
  }
  return keys
}
