// What is found while a sandbox is derived: what makes it impossible, and what its author should know.

/** It cannot be made. */
export interface Problem {
  /** CamelCase, the reason of a condition. */
  readonly reason: 'Invalid' | 'BaselineMissing' | 'NamespaceNotEnabled' | 'TooManySandboxes' | 'NameTaken' | 'Refused'
  /** Begins with the field where there is one: `spec.forks[0].images[1].container: …`. */
  readonly message: string
}

/** It can be made, and something may not be as expected. */
export interface Warning {
  /** CamelCase, the reason of an event. */
  readonly reason: string
  readonly message: string
}

export interface Findings {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Warning[]
}

export function invalid(message: string): Problem {
  return { reason: 'Invalid', message }
}

/** `a, b and c`; of more than `most`, the first and how many others. */
export function listed(names: readonly string[], most = 5): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
