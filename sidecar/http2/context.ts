// What all HTTP/2 connections of a sidecar share.

import type { Carrier } from '../../core/carrier.ts'
import type { Log } from '../../runtime/log.ts'
import type { Counters } from '../counters.ts'
import { Dialer } from '../dialer.ts'
import { ReadGarbage } from '../read-garbage.ts'
import { HeadReader } from './head-reader.ts'
import { KeyStamp } from './key-stamp.ts'
import { HTTP2_LIMITS, type Http2Limits } from './limits.ts'

export interface Http2Context {
  readonly carriers: readonly Carrier[]
  readonly counters: Counters
  readonly log: Log
  readonly limits: Http2Limits
  /** Blocks are read one at a time, so one reader with its buffers serves every connection. */
  readonly heads: HeadReader
  readonly stamp: KeyStamp
  readonly garbage: ReadGarbage
  readonly dialer: Dialer
}

/** `limits` replaces single defaults; without `garbage` nothing is collected on demand. */
export function createHttp2Context(parts: {
  readonly carriers: readonly Carrier[]
  readonly counters: Counters
  readonly log: Log
  readonly limits?: Partial<Http2Limits>
  readonly garbage?: ReadGarbage
  readonly dialer?: Dialer
}): Http2Context {
  const { carriers, counters, log } = parts
  const limits = { ...HTTP2_LIMITS, ...parts.limits }
  return {
    carriers,
    counters,
    log,
    limits,
    heads: new HeadReader(carriers, limits),
    stamp: new KeyStamp(carriers),
    garbage: parts.garbage ?? new ReadGarbage(undefined),
    dialer: parts.dialer ?? new Dialer(false),
  }
}
