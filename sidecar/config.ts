// The sidecar's settings.

import { type Carrier, parseCarrier } from '../core/carrier.ts'
import { parseChoice, parseCount, parseEndpoint, parseSeconds } from '../runtime/config.ts'
import { LOG_LEVELS } from '../runtime/log.ts'
import { DEFAULT_LIMITS } from './capacity.ts'

const MEBIBYTE = 1024 * 1024

export const SIDECAR_SETTINGS = {
  agent: {
    name: 'SIDETRACK_AGENT',
    doc: 'where the agent listens: HOST:PORT or unix:/PATH',
    fallback: '127.0.0.1:15010',
    parse: parseEndpoint,
  },
  name: {
    name: 'SIDETRACK_SIDECAR',
    doc: 'the name by which the agent knows this sidecar',
    fallback: 'sidecar',
    parse: (text: string) => text,
  },
  mode: {
    name: 'SIDETRACK_MODE',
    doc: 'explicit: apps call the addresses on which it listens; intercept: the kernel redirects their calls to it',
    fallback: 'explicit',
    parse: parseChoice(['explicit', 'intercept']),
  },
  cache: {
    name: 'SIDETRACK_CACHE',
    doc: 'a folder of its own, which outlives its process: there it keeps its table for a start without an agent; empty for none',
    fallback: '',
    parse: (text: string) => text,
  },
  carriers: {
    name: 'SIDETRACK_CARRIERS',
    doc: 'where requests carry keys, in order: baggage:MEMBER, tracestate:MEMBER or header:NAME, separated by commas',
    fallback: 'baggage:sidetrack',
    parse: parseCarriers,
  },
  parent: {
    name: 'SIDETRACK_PARENT',
    doc: 'the process id of the program that started it and that it ends with; 0 for none',
    fallback: '0',
    parse: parseProcessId,
  },
  maxConnections: {
    name: 'SIDETRACK_MAX_CONNECTIONS',
    doc: 'how many clients may be connected at once; further ones are refused (ST1105). Each needs two file descriptors and more',
    fallback: String(DEFAULT_LIMITS.connections),
    parse: parseCount(1, 1_000_000),
  },
  maxBuffered: {
    name: 'SIDETRACK_MAX_BUFFERED',
    doc: 'how many MiB may wait in the sidecar for peers that do not take them; past it the connections that hold most are ended (ST1105)',
    fallback: String(DEFAULT_LIMITS.buffered / MEBIBYTE),
    parse: (text: string) => parseCount(1, 65_536)(text) * MEBIBYTE,
  },
  drain: {
    name: 'SIDETRACK_DRAIN_SECONDS',
    doc: 'how long requests in progress may take after SIGTERM',
    fallback: '10',
    parse: parseSeconds,
  },
  logLevel: {
    name: 'SIDETRACK_LOG_LEVEL',
    doc: `the least level that is logged: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
    parse: parseChoice(LOG_LEVELS),
  },
} as const

function parseCarriers(text: string): readonly Carrier[] {
  return text.split(',').map((each) => {
    const carrier = parseCarrier(each.trim())
    if (carrier === undefined) throw new Error(`must list carriers like baggage:sidetrack, not ${JSON.stringify(each)}`)
    return carrier
  })
}

function parseProcessId(text: string): number {
  const id = Number(text)
  if (!Number.isInteger(id) || id < 0) throw new Error(`must be a process id, not ${JSON.stringify(text)}`)
  return id
}
