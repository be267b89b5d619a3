// An address is an IP literal and a TCP port, written `10.0.0.7:8080` or `[fd00::7]:8080`.

export interface Address {
  /** IPv4 dotted quad, or IPv6 text without brackets. Never a name: names are resolved before they get here. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number
}

// No regular expressions here: every sidecar reads addresses at its start, and the first one costs 3 MB of resident memory.

const DOT = 0x2e
const ZERO = 0x30

/** Four decimal numbers up to 255, without leading zeros, which some readers take for octal. */
export function isIpv4(text: string): boolean {
  let parts = 1
  let value = -1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (value === -1 || ++parts > 4) return false
      value = -1
      continue
    }
    const digit = code - ZERO
    if (digit < 0 || digit > 9 || value === 0) return false
    value = (value === -1 ? 0 : value * 10) + digit
    if (value > 255) return false
  }
  return parts === 4 && value !== -1
}

/** RFC 4291 §2.2 text forms, without a zone: a zone names an interface and does not survive a move to another machine. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2 || text.length > 45) return false
  let groups = 0
  for (const [index, half] of halves.entries()) {
    if (half === '') continue
    const parts = half.split(':')
    const last = parts.at(-1) ?? ''
    if (last.includes('.')) {
      if (index !== halves.length - 1 || !isIpv4(last)) return false
      parts.pop()
      groups += 2
    }
    if (!parts.every(isGroup)) return false
    groups += parts.length
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}

/** One to four hexadecimal digits. */
function isGroup(text: string): boolean {
  if (text.length === 0 || text.length > 4) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const lower = code | 0x20
    if ((code < ZERO || code > 0x39) && (lower < 0x61 || lower > 0x66)) return false
  }
  return true
}

/** The address that `text` spells, or undefined. */
export function parseAddress(text: string): Address | undefined {
  const colon = text.lastIndexOf(':')
  const portText = text.slice(colon + 1)
  const port = parsePort(portText)
  if (colon < 1 || port === undefined) return undefined
  const host = text.slice(0, colon)
  if (host.startsWith('[') && host.endsWith(']')) {
    const inner = host.slice(1, -1)
    return isIpv6(inner) ? { host: inner, port } : undefined
  }
  return isIpv4(host) ? { host, port } : undefined
}

export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

function parsePort(text: string): number | undefined {
  const port = Number(text)
  return Number.isInteger(port) && port >= 1 && port <= 65_535 && String(port) === text ? port : undefined
}
