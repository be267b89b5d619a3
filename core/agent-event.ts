// What an agent tells the program that started it, as messages of Node's IPC channel.

export type AgentEvent =
  /** Which sidecars the routes file names, and the address of the admin server. */
  | { readonly event: 'sidecars'; readonly names: readonly string[]; readonly admin: string }
  /** Every sidecar has the revision in force, this many milliseconds after it was read. */
  | {
      readonly event: 'programmed'
      readonly revision: number
      readonly milliseconds: number
      readonly listens: readonly Listen[]
    }
  /** A sidecar cannot listen where the file says. */
  | { readonly event: 'listener-fault'; readonly sidecar: string; readonly listen: string; readonly fault: string }

export interface Listen {
  readonly service: string
  readonly sidecar: string
  readonly listen: string
  readonly baseline: string
  readonly routes: number
}

export function isAgentEvent(value: unknown): value is AgentEvent {
  return typeof value === 'object' && value !== null && 'event' in value
}
