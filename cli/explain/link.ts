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

const SIGNS = { holds: '✓', warned: '!', broken: '✗', unseen: '?' } as const
const INKS = { holds: 'green', warned: 'yellow', broken: 'red', unseen: 'dim' } as const

export type Paint = (ink: (typeof INKS)[Link['state']], sign: string) => string

/** Some lines for each link. */
export function linksText(links: readonly Link[], paint: Paint): string {
  const lines = links.flatMap(({ state, text, details, mend }) => [
    `${paint(INKS[state], SIGNS[state])} ${text}`,
    ...details.map((detail) => `    ${detail}`),
    ...(mend === undefined ? [] : [`    → ${mend}`]),
  ])
  return lines.map((line) => `${line}\n`).join('')
}

/** For machines: all links in their order, and the first that is broken. */
export function linksObject(links: readonly Link[]): object {
  const first = links.find(({ state }) => state === 'broken')
  return { holds: first === undefined, ...(first === undefined ? {} : { broken: first }), links }
}
