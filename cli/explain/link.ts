// One link of the chain from a Sandbox to the sidecars that route its requests.

export interface Link {
  /** `unseen`: it may not be looked at. A `warned` link holds, with a gap. */
  readonly state: 'holds' | 'warned' | 'broken' | 'unseen'
  readonly text: string
  readonly details: readonly string[]
  /** What to do, where there is something. */
  readonly mend?: string
}

export function holds(text: string): Link {
  return { state: 'holds', text, details: [] }
}

export function broken(text: string, mend: string, details: readonly string[] = []): Link {
  return { state: 'broken', text, details, mend }
}

export function warned(text: string, mend: string, details: readonly string[] = []): Link {
  return { state: 'warned', text, details, mend }
}

export function unseen(what: string): Link {
  return { state: 'unseen', text: `${what} may not be looked at with your rights`, details: [] }
}
