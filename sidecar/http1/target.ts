// The four forms of a request target, and which of them each method may use (RFC 9112 §3.2).

import { isHost } from '../host.ts'

export type Target =
  /** `/path?query`, or `*` for OPTIONS: the host is the Host field's. */
  | { readonly form: 'origin' }
  /** `http://host/path`: its host replaces the Host field's. */
  | { readonly form: 'absolute'; readonly authority: string }
  /** `host:port`, CONNECT only. */
  | { readonly form: 'authority'; readonly authority: string }

const ABSOLUTE = /^https?:\/\/([^/?]*)(?:[/?]|$)/i

/** The target's form; undefined if the method may not use it or it is none. Its bytes are known to be target bytes. */
export function readTarget(method: string, target: string): Target | undefined {
  if (method === 'CONNECT') {
    // RFC 9110 §9.3.6: an empty or invalid port is to be refused, and nobody can connect to 0.
    const hasPort = /:0*[1-9]\d*$/.test(target)
    return hasPort && isHost(target) ? { form: 'authority', authority: target } : undefined
  }
  if (target.startsWith('/')) return { form: 'origin' }
  if (target === '*') return method === 'OPTIONS' ? { form: 'origin' } : undefined
  const authority = ABSOLUTE.exec(target)?.[1]
  return authority !== undefined && isHost(authority) ? { form: 'absolute', authority } : undefined
}
