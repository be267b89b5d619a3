// What the sidecar counts for the agent's metrics; plain numbers, so that counting costs nothing per request.

/** One destination's requests by outcome; the object is shared by its connections. */
export interface RequestCounts {
  baseline: number
  fork: number
  /** Answers that the sidecar made itself, by error code. */
  readonly refused: Record<string, number>
}

export class Counters {
  readonly #services = new Map<string, RequestCounts>()
  readonly events: Record<string, number> = {}
  connections = 0

  of(service: string): RequestCounts {
    let counts = this.#services.get(service)
    if (counts === undefined) this.#services.set(service, (counts = { baseline: 0, fork: 0, refused: {} }))
    return counts
  }

  event(name: string): void {
    this.events[name] = (this.events[name] ?? 0) + 1
  }

  requests(): Record<string, Record<string, number>> {
    const all: Record<string, Record<string, number>> = {}
    for (const [service, { baseline, fork, refused }] of this.#services) all[service] = { baseline, fork, ...refused }
    return all
  }
}
