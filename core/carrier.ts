// A carrier is the place in a request's headers that holds its routing keys: a baggage member unless configured otherwise.

import { type BaggageMember, hasProperty, readBaggageMember } from './baggage.ts'
import { traceMark } from './hop.ts'
import { NO_KEYS, type RoutingKeys, splitKeys } from './routing-key.ts'

export type Carrier =
  | { readonly form: 'baggage'; readonly header: 'baggage'; readonly member: string }
  | { readonly form: 'tracestate'; readonly header: 'tracestate'; readonly member: string }
  | { readonly form: 'header'; readonly header: string }

export const DEFAULT_CARRIERS: readonly Carrier[] = [{ form: 'baggage', header: 'baggage', member: 'sidetrack' }]

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Headers that frame a message or belong to one hop say nothing about a key. */
const RESERVED = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
])

/** Reads `baggage:NAME`, `tracestate:NAME` or `header:NAME`; undefined if `text` is none of them. */
export function parseCarrier(text: string): Carrier | undefined {
  // The usual one is known without a regular expression, which would be the first of an idle sidecar and cost it 3 MB.
  if (text === 'baggage:sidetrack') return DEFAULT_CARRIERS[0]
  const colon = text.indexOf(':')
  const name = text.slice(colon + 1)
  if (colon === -1 || !TOKEN.test(name)) return undefined
  switch (text.slice(0, colon)) {
    case 'baggage':
      return { form: 'baggage', header: 'baggage', member: name }
    case 'tracestate':
      return { form: 'tracestate', header: 'tracestate', member: name }
    case 'header': {
      const header = name.toLowerCase()
      return RESERVED.has(header) || !/^[a-z0-9_-]+$/.test(header) ? undefined : { form: 'header', header }
    }
    default:
      return undefined
  }
}

/** The keys of the first carrier that holds any. `value(i)` is the i-th carrier's header, its lines joined with a comma. */
export function readKeys(carriers: readonly Carrier[], value: (index: number) => string | undefined): RoutingKeys {
  for (let index = 0; index < carriers.length; index++) {
    const carrier = carriers[index]
    const text = value(index)
    if (carrier === undefined || text === undefined) continue
    const found = readCarrier(carrier, text)
    if (found.keys.length > 0) return found
  }
  return NO_KEYS
}

function readCarrier(carrier: Carrier, text: string): RoutingKeys {
  switch (carrier.form) {
    case 'baggage': {
      const member = readBaggageMember(text, carrier.member)
      if (member === undefined) return NO_KEYS
      const { value, properties } = wholeMember(member)
      const trace = traceMark(properties, carrier.member, text)
      return { keys: splitKeys(value), strict: hasProperty(properties, 'strict'), trace }
    }
    case 'tracestate':
      return { keys: splitKeys(readTracestateMember(text, carrier.member) ?? ''), strict: false, trace: undefined }
    case 'header':
      return { keys: splitKeys(text), strict: false, trace: undefined }
  }
}

/** OpenTelemetry for Python takes properties for a part of the value, and sends `pr-42;strict` on as `pr-42%3Bstrict`: no key has a `;`. */
function wholeMember({ value, properties }: BaggageMember): BaggageMember {
  const semicolon = value.indexOf(';')
  if (semicolon === -1) return { value, properties }
  return { value: value.slice(0, semicolon), properties: `${value.slice(semicolon + 1)};${properties}` }
}

/** W3C Trace Context §3.3: `name=value` members separated by commas; the first of a name is the most recent. */
function readTracestateMember(header: string, name: string): string | undefined {
  if (!header.includes(name)) return undefined
  for (const member of header.split(',', 64)) {
    const equals = member.indexOf('=')
    if (equals > 0 && member.slice(0, equals).trim() === name) return member.slice(equals + 1).trim()
  }
  return undefined
}
