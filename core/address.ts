// An address is an IP literal and a TCP port, written `10.0.0.7:8080` or `[fd00::7]:8080`.

export interface Address {
  /** IPv4 dotted quad, or IPv6 text without brackets. Never a name: names are resolved before they get here. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

export function isIpv4(text: string): boolean {
  return IPV4.test(text)
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
    if (!parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return false
    groups += parts.length
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}

/** The address that `text` spells, or undefined. */
export function parseAddress(text: string): Address | undefined {
  const colon = text.lastIndexOf(':')
  const portText = text.slice(colon + 1)
  if (colon < 1 || !/^[1-9]\d{0,4}$/.test(portText)) return undefined
  const port = Number(portText)
  if (port > 65_535) return undefined
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
