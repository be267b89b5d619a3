// Gathers the spans that the services report, by trace, until a request's path is whole.

import { assemblePath, type Hop } from './path.ts'
import type { Span } from './services/span.ts'

export interface FinishedPath {
  readonly root: Span
  readonly path: Hop
}

/** What has not come after this long will not: its process has died, or the caller's trace began outside the shop. */
const GRACE_MS = 1000

interface Gathered {
  spans: Span[]
  readonly timer: NodeJS.Timeout
}

export class Traces {
  readonly #byTrace = new Map<string, Gathered>()
  readonly #isRoot: (span: Span) => boolean
  readonly #onPath: (finished: FinishedPath) => void

  /** `isRoot` says where a path surely begins; `onPath` is called once for each path. */
  constructor(isRoot: (span: Span) => boolean, onPath: (finished: FinishedPath) => void) {
    this.#isRoot = isRoot
    this.#onPath = onPath
  }

  /** Spans may come in any order: each process has a pipe of its own. */
  add(span: Span): void {
    const gathered = this.#byTrace.get(span.traceId) ?? this.#begin(span.traceId)
    gathered.spans.push(span)
    for (const root of gathered.spans.filter(this.#isRoot)) {
      const path = assemblePath(root, gathered.spans, 'wait')
      if (path === undefined) continue
      // Requests that a user sends with one traceparent share a trace: the spans of the others stay.
      gathered.spans = gathered.spans.filter((each) => !isBelow(root, each, gathered.spans))
      this.#onPath({ root, path })
    }
    if (gathered.spans.length === 0) this.#end(span.traceId, gathered)
  }

  #begin(traceId: string): Gathered {
    const timer = setTimeout(() => this.#giveUp(traceId), GRACE_MS)
    timer.unref()
    const gathered = { spans: [], timer }
    this.#byTrace.set(traceId, gathered)
    return gathered
  }

  #end(traceId: string, gathered: Gathered): void {
    clearTimeout(gathered.timer)
    this.#byTrace.delete(traceId)
  }

  /** Shows what came: every span whose parent nobody reported begins a path. */
  #giveUp(traceId: string): void {
    const gathered = this.#byTrace.get(traceId)
    if (gathered === undefined) return
    this.#end(traceId, gathered)
    const known = new Set(gathered.spans.map(({ spanId }) => spanId))
    for (const root of gathered.spans) {
      if (root.parentId !== undefined && known.has(root.parentId)) continue
      const path = assemblePath(root, gathered.spans, 'show')
      if (path !== undefined) this.#onPath({ root, path })
    }
  }
}

function isBelow(root: Span, span: Span, spans: readonly Span[]): boolean {
  if (span === root) return true
  const parent = spans.find(({ spanId }) => spanId === span.parentId)
  return parent !== undefined && isBelow(root, parent, spans)
}
