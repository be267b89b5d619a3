// Whether a Host value or an authority names one host and nothing else (RFC 9110 §7.2, RFC 3986 §3.2.2).

import { isIpv6 } from '../core/address.ts'

const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+$/
const PORT = /^\d{0,5}$/
const PLAIN = /^[A-Za-z0-9\-._]+(?::\d{1,4})?$/

/**
 * True for `name`, `name:port` and `[v6]:port`. An empty host, user information, a path, a comma (two values joined) or white space
 * would let two servers read two different hosts.
 */
export function isHost(text: string): boolean {
  if (PLAIN.test(text)) return true
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1
  if (text.startsWith('[')) {
    if (bracket === -1 || !isIpv6(text.slice(1, bracket))) return false
    return bracket === text.length - 1 || (text[bracket + 1] === ':' && isPort(text.slice(bracket + 2)))
  }
  const colon = text.indexOf(':')
  if (colon === -1) return REG_NAME.test(text)
  return REG_NAME.test(text.slice(0, colon)) && isPort(text.slice(colon + 1))
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: ':80', https: ':443' }

/** Whether two such names, in small letters, are one: the port that the scheme has anyway may be left out (RFC 3986 §6.2.3). */
export function sameHost(one: string, other: string, scheme: string): boolean {
  return one === other || withoutPort(one, scheme) === withoutPort(other, scheme)
}

function withoutPort(name: string, scheme: string): string {
  const port = name.endsWith(':') ? ':' : DEFAULT_PORTS[scheme]
  return port !== undefined && name.endsWith(port) ? name.slice(0, -port.length) : name
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 65_535
}
