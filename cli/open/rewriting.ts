// What a local proxy changes in requests and responses so that the browser and the site both believe that they talk to each other.

import { withKey } from '../sandbox/header.ts'

/** Two origins: `http://127.0.0.1:4711` for the browser, `https://shop.example` for the site. */
export interface Origins {
  readonly local: string
  readonly site: string
}

/** Request headers that change, by name. `headers` as Node gives them. */
export function requestHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  keys: string,
  { local, site }: Origins,
): Readonly<Record<string, string>> {
  const { origin, referer, baggage } = headers
  const changed: Record<string, string> = { baggage: withKey([baggage ?? ''].flat().join(','), keys) }
  // Sites compare these with their own origin before they take a change.
  if (origin === local) changed['origin'] = site
  if (typeof referer === 'string' && isBelow(referer, local)) changed['referer'] = site + referer.slice(local.length)
  return changed
}

/** A redirect to the site stays in the proxy. */
export function localLocation(location: string, { local, site }: Origins): string {
  return isBelow(location, site) ? local + location.slice(site.length) : location
}

/** A cookie for the site becomes one for the local address, which is not encrypted and has no domain. */
export function localCookie(cookie: string): string {
  return cookie
    .split(';')
    .filter((part, index) => index === 0 || !/^\s*(?:domain=|secure\s*$)/i.test(part))
    .map((part, index) => (index > 0 && /^\s*samesite=none\s*$/i.test(part) ? ' SameSite=Lax' : part))
    .join(';')
}

function isBelow(url: string, origin: string): boolean {
  return url === origin || (url.startsWith(origin) && '/?#'.includes(url.charAt(origin.length)))
}
