// Where a fork's own key goes in a request that carries none, so that everybody who reads it after that finds it.

import { hasRoomFor } from './baggage.ts'
import type { Carrier } from './carrier.ts'

export interface KeyPlace {
  /** Of the lines of the carrier's header, from 0; -1: a new line. */
  readonly line: number
  /** The whole new value of that line. */
  readonly value: string
}

/** The carrier that takes the key: the first one, as it is the first to be read. */
export function stampedCarrier(carriers: readonly Carrier[]): Carrier | undefined {
  return carriers[0]
}

/**
 * Puts `key` into the carrier's header, of which `values` are the lines; an existing line is extended, since readers may look at one only.
 * In baggage behind the rest, as the last member of a name wins, unless nobody would read that far; in tracestate in front, where what is new
 * goes (W3C Trace Context §3.5); a header of its own holds no key yet, so its value says nothing and is replaced.
 */
export function placeKey(carrier: Carrier, values: readonly string[], key: string): KeyPlace {
  if (carrier.form === 'header') return { line: values.length === 0 ? -1 : 0, value: key }
  const member = `${carrier.member}=${key}`
  const behind = carrier.form === 'baggage' && hasRoomFor(values.join(', '), member)
  const line = behind ? values.length - 1 : Math.min(0, values.length - 1)
  const old = values[line] ?? ''
  if (old === '') return { line, value: member }
  return { line, value: behind ? `${old},${member}` : `${member},${old}` }
}
