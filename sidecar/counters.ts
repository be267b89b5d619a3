// What the sidecar counts for the agent's metrics; plain numbers, so that counting costs nothing per request.

/** Why a connection was copied unread: TLS of the app's own, a server that speaks before its client, or no HTTP. */
export type CopyReason = 'tls' | 'server-first' | 'other'

/** One destination's requests by outcome; the object is shared by its connections. */
export interface RequestCounts {
  baseline: number
  fork: number
  /** Answers that the sidecar made itself, by error code. */
  readonly refused: Record<string, number>
  /** Connections, not requests. */
  readonly copied: Partial<Record<CopyReason, number>>
}

type ByService = Record<string, Record<string, number>>

export class Counters {
  readonly #services = new Map<string, RequestCounts>()
  readonly #inbound = new Map<string, RequestCounts>()
  readonly events: Record<string, number> = {}
  connections = 0

  of(service: string, inbound = false): RequestCounts {
    const services = inbound ? this.#inbound : this.#services
    let counts = services.get(service)
    if (counts === undefined) services.set(service, (counts = { baseline: 0, fork: 0, refused: {}, copied: {} }))
    return counts
  }

  /** Requests that went to a baseline or a fork, of all services. */
  get forwarded(): number {
    let sum = 0
    for (const services of [this.#services, this.#inbound])
      for (const { baseline, fork } of services.values()) sum += baseline + fork
    return sum
  }

  event(name: string, times = 1): void {
    this.events[name] = (this.events[name] ?? 0) + times
  }

  /** Services that nobody has called yet are left out. */
  figures(): { readonly requests: ByService; readonly inbound: ByService; readonly copied: ByService } {
    const copied: ByService = {}
    return { requests: requestsOf(this.#services, copied), inbound: requestsOf(this.#inbound, copied), copied }
  }
}

function requestsOf(services: ReadonlyMap<string, RequestCounts>, copied: ByService): ByService {
  const all: ByService = {}
  for (const [service, counts] of services) {
    const { baseline, fork, refused } = counts
    if (baseline > 0 || fork > 0 || !isEmpty(refused)) all[service] = { baseline, fork, ...refused }
    if (!isEmpty(counts.copied)) copied[service] = addUp(copied[service], counts.copied)
  }
  return all
}

function addUp(one: Record<string, number> = {}, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

function isEmpty(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return false
  return true
}
