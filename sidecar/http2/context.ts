// What all HTTP/2 connections of a sidecar share.

import type { Carrier } from '../../core/carrier.ts'
import type { Log } from '../../runtime/log.ts'
import type { Capacity } from '../capacity.ts'
import type { Counters } from '../counters.ts'
import { DeferredWrites } from '../deferred-writes.ts'
import { Dialer } from '../dialer.ts'
import { InFlight } from '../in-flight.ts'
import { Tracer } from '../tracer.ts'
import { ReadBuffer } from '../read-buffer.ts'
import { HeadReader } from './head-reader.ts'
import { KeyStamp } from './key-stamp.ts'
import { FRAME_COST } from './holdings.ts'
import { HTTP2_LIMITS, type Http2Limits } from './limits.ts'
import { SparePieces } from './pieces.ts'

export interface Http2Context {
  readonly carriers: readonly Carrier[]
  readonly counters: Counters
  readonly log: Log
  readonly limits: Http2Limits
  /** Blocks are read one at a time, so one reader with its buffers serves every connection. */
  readonly heads: HeadReader
  readonly stamp: KeyStamp
  readonly spare: SparePieces
  readonly dialer: Dialer
  readonly tracer: Tracer
  readonly readBuffer: ReadBuffer
  /** So many bytes were read; the connection that read them may be asked to give up what it holds. */
  read(bytes: number): void
  /** So many bytes were made here. */
  grew(bytes: number): void
  /** A frame of so many bytes waits; nothing if negative. */
  waits(bytes: number): void
}

/** `limits` replaces single defaults; without `read` and `capacity` nothing is counted, without `tracer` nothing is reported. */
export function createHttp2Context(parts: {
  readonly carriers: readonly Carrier[]
  readonly counters: Counters
  readonly log: Log
  readonly limits?: Partial<Http2Limits>
  readonly dialer?: Dialer
  readonly tracer?: Tracer
  readonly readBuffer?: ReadBuffer
  readonly read?: Http2Context['read']
  readonly capacity?: Pick<Capacity, 'grew'>
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
    spare: new SparePieces(),
    dialer: parts.dialer ?? new Dialer(false, new DeferredWrites(new InFlight())),
    tracer: parts.tracer ?? new Tracer(() => {}, counters),
    readBuffer: parts.readBuffer ?? new ReadBuffer(),
    read: (bytes) => parts.read?.(bytes),
    grew: (bytes) => parts.capacity?.grew(bytes),
    waits: (bytes) => bytes > 0 && parts.capacity?.grew(bytes + FRAME_COST),
  }
}
