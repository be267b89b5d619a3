// A hop as the agent writes it down, and as it is read again from the agent's log.

import { type Hop, readHop } from './hop.ts'

/** The message of the log line. */
export const HOP_MESSAGE = 'traced request'

export interface HopLine {
  /** `shop/cart-1`, the pod whose sidecar has seen it. */
  readonly sidecar: string
  readonly hop: Hop
}

/** Undefined if the line of the log says something else. */
export function readHopLine(line: string): HopLine | undefined {
  // Nearly every line does.
  if (!line.includes(HOP_MESSAGE)) return undefined
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('msg' in value) || value.msg !== HOP_MESSAGE) return undefined
    return hopLine(value)
  } catch {
    return undefined
  }
}

/** The same of an entry of the admin server's page. */
export function hopLine(value: object): HopLine | undefined {
  const hop = 'hop' in value ? readHop(value.hop) : undefined
  if (hop === undefined || !('sidecar' in value) || typeof value.sidecar !== 'string') return undefined
  return { sidecar: value.sidecar, hop }
}
