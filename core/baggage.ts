// Reads one member of the W3C `baggage` header without parsing the others (https://www.w3.org/TR/baggage/).

import { trimSpace } from './optional-space.ts'

export interface BaggageMember {
  /** Percent-decoded. */
  readonly value: string
  /** What follows the first `;`, as it was sent: `strict` or `ttl=5; strict`. */
  readonly properties: string
}

/** What OpenTelemetry reads at most: later members are as if they had not been sent. */
export const BAGGAGE_LIMITS = { bytes: 8192, members: 180, memberBytes: 4096 } as const

/**
 * The member called `name` in the header's value (several header lines joined with a comma), or undefined.
 * The last one of that name wins, members that are not well-formed are skipped, and the limits count as in OpenTelemetry,
 * so that the sidecar and the application see the same value. `name` is compared byte by byte: the specification
 * percent-encodes values, not names.
 */
export function readBaggageMember(header: string, name: string): BaggageMember | undefined {
  // Nearly every request carries no key: one substring search decides that, whatever else the header holds.
  if (!header.includes(name)) return undefined
  let found: BaggageMember | undefined
  let members = 0
  let bytes = 0
  for (let start = 0; start < header.length && members < BAGGAGE_LIMITS.members;) {
    const comma = header.indexOf(',', start)
    const end = comma === -1 ? header.length : comma
    const length = end - start
    if (length <= BAGGAGE_LIMITS.memberBytes) {
      const member = parseMember(header.slice(start, end))
      if (member !== undefined) {
        bytes += (members === 0 ? 0 : 1) + length
        if (bytes > BAGGAGE_LIMITS.bytes) break
        members++
        if (member.name === name) found = { value: member.value, properties: member.properties }
      }
    }
    start = end + 1
  }
  return found
}

/** Whether readers that keep to the limits would still see a member put behind those of `header`. */
export function hasRoomFor(header: string, member: string): boolean {
  if (header.length + 1 + member.length > BAGGAGE_LIMITS.bytes) return false
  let members = 1
  for (let comma = header.indexOf(','); comma !== -1; comma = header.indexOf(',', comma + 1)) members++
  return members < BAGGAGE_LIMITS.members
}

/** True if `properties` holds the property `name` (with or without a value). */
export function hasProperty(properties: string, name: string): boolean {
  return propertyOf(properties, name) !== undefined
}

/** The value of the property `name`, empty if it has none; undefined if there is no such property. */
export function propertyOf(properties: string, name: string): string | undefined {
  if (!properties.includes(name)) return undefined
  for (const property of properties.split(';')) {
    const equals = property.indexOf('=')
    const end = equals === -1 ? property.length : equals
    if (trimSpace(property.slice(0, end)) === name) return trimSpace(property.slice(end + 1))
  }
  return undefined
}

function parseMember(text: string): (BaggageMember & { name: string }) | undefined {
  const semicolon = text.indexOf(';')
  const pair = semicolon === -1 ? text : text.slice(0, semicolon)
  const equals = pair.indexOf('=')
  if (equals <= 0) return undefined
  const name = trimSpace(pair.slice(0, equals))
  const value = decode(trimSpace(pair.slice(equals + 1)))
  // OpenTelemetry decodes names too and drops the member where that fails; it must not count here either.
  if (name === '' || value === undefined || value === '' || decode(name) === undefined) return undefined
  return { name, value, properties: semicolon === -1 ? '' : text.slice(semicolon + 1) }
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
