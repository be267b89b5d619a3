// The controller's settings.

import { parseCarrier } from '../core/carrier.ts'
import { SIDECAR_UID } from '../core/interception.ts'
import { KUBERNETES_SETTINGS } from '../kubernetes/credentials/find.ts'
import { parseChoice, parseSeconds, parseServer } from '../runtime/config.ts'
import { LOG_LEVELS } from '../runtime/log.ts'
import { parseDuration } from '../core/duration.ts'
import type { Quantities } from './webhook/sidecar-container.ts'

export const CONTROLLER_SETTINGS = {
  ...KUBERNETES_SETTINGS,
  namespace: {
    name: 'SIDETRACK_NAMESPACE',
    doc: 'the namespace of the installation',
    fallback: 'sidetrack-system',
    parse: (text: string) => text,
  },
  pod: {
    name: 'SIDETRACK_POD',
    doc: "this replica's name, unlike that of any other replica",
    fallback: undefined,
    parse: parseName,
  },
  webhook: {
    name: 'SIDETRACK_WEBHOOK',
    doc: 'where the API server reaches the webhook: HOST:PORT, `*` for every address',
    fallback: '*:15017',
    parse: parseServer,
  },
  image: {
    name: 'SIDETRACK_SIDECAR_IMAGE',
    doc: "the image of the sidecars that pods get; the controller's own version",
    fallback: undefined,
    parse: parseName,
  },
  uid: {
    name: 'SIDETRACK_SIDECAR_UID',
    doc: "the user of sidecars, whose calls are not redirected; on OpenShift the last one of the namespace's range in its place",
    fallback: String(SIDECAR_UID),
    parse: parseUid,
  },
  requests: {
    name: 'SIDETRACK_SIDECAR_REQUESTS',
    doc: 'what a sidecar requests: RESOURCE=QUANTITY, separated by commas',
    fallback: 'cpu=10m,memory=64Mi',
    parse: parseQuantities,
  },
  limits: {
    name: 'SIDETRACK_SIDECAR_LIMITS',
    doc: 'what a sidecar may use at most, likewise',
    fallback: 'memory=256Mi',
    parse: parseQuantities,
  },
  carriers: {
    name: 'SIDETRACK_CARRIERS',
    doc: "the sidecars' setting of this name",
    fallback: 'baggage:sidetrack',
    parse: parseCarriers,
  },
  ttl: {
    name: 'SIDETRACK_TTL',
    doc: 'how long sandboxes live that do not say it, from their creation: a duration like 8h or 2h30m; empty for ever',
    fallback: '',
    parse: parseTtl,
  },
  longestTtl: {
    name: 'SIDETRACK_LONGEST_TTL',
    doc: 'how long a sandbox may live, likewise; one that asks for more is refused',
    fallback: '',
    parse: parseTtl,
  },
  sandboxes: {
    name: 'SIDETRACK_SANDBOXES',
    doc: 'how many sandboxes a namespace may have; empty for as many as anybody likes',
    fallback: '',
    parse: parseCount,
  },
  admin: {
    name: 'SIDETRACK_ADMIN',
    doc: 'where health, readiness and metrics are served: HOST:PORT, `*` for every address, or unix:/PATH',
    fallback: '127.0.0.1:15020',
    parse: parseServer,
  },
  traces: {
    name: 'SIDETRACK_TRACES',
    doc: 'where spans of what it looks at are sent, by OTLP over HTTP: http://collector:4318/v1/traces; empty for nowhere',
    fallback: '',
    parse: parseUrl,
  },
  drain: {
    name: 'SIDETRACK_DRAIN_SECONDS',
    doc: 'how long the webhook goes on after SIGTERM, until every node has heard that it ends',
    fallback: '5',
    parse: parseSeconds,
  },
  logLevel: {
    name: 'SIDETRACK_LOG_LEVEL',
    doc: `the least level that is logged: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
    parse: parseChoice(LOG_LEVELS),
  },
} as const

const MAX_UID = 2 ** 31 - 1
/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const QUANTITY = /^([a-z][a-z0-9./-]*)=(\d+(?:\.\d+)?(?:[numkMGTPE]|[KMGTPE]i)?)$/

function parseName(text: string): string {
  if (text.trim() === '') throw new Error('must not be empty')
  return text
}

function parseUrl(text: string): string {
  if (text !== '' && !/^https?:$/.test(URL.parse(text)?.protocol ?? ''))
    throw new Error(`must be an address like http://collector:4318/v1/traces, not ${JSON.stringify(text)}`)
  return text
}

function parseUid(text: string): number {
  const uid = Number(text)
  if (!Number.isInteger(uid) || uid < 1 || uid > MAX_UID)
    throw new Error(
      `must be a user between 1 and ${MAX_UID}, since the sidecar is not root, not ${JSON.stringify(text)}`,
    )
  return uid
}

/** Milliseconds. */
function parseTtl(text: string): number | undefined {
  if (text === '') return undefined
  const duration = parseDuration(text)
  if (duration === undefined) throw new Error(`must be a duration like 8h or 2h30m, not ${JSON.stringify(text)}`)
  return duration
}

function parseCount(text: string): number | undefined {
  if (text === '') return undefined
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw new Error(`must be a whole number, not ${JSON.stringify(text)}`)
  }
  return count
}

function parseQuantities(text: string): Quantities {
  if (text === '') return {}
  return Object.fromEntries(
    text.split(',').map((each) => {
      const [, resource, quantity] = QUANTITY.exec(each.trim()) ?? []
      if (resource === undefined || quantity === undefined)
        throw new Error(`must be a list like cpu=10m,memory=64Mi, not ${JSON.stringify(text)}`)
      return [resource, quantity]
    }),
  )
}

/** Stays text, since it goes to sidecars as it is. */
function parseCarriers(text: string): string {
  for (const each of text.split(',')) {
    if (parseCarrier(each.trim()) === undefined)
      throw new Error(`must list carriers like baggage:sidetrack, not ${JSON.stringify(each)}`)
  }
  return text
}
