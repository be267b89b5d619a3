// The status of a Sandbox.

import type { Sandbox, SandboxStatus } from '../../kubernetes/resources/sandbox.ts'
import { type ProgrammedState, reaches } from '../programmed/programmed.ts'
import type { Programmed, SandboxService } from '../../kubernetes/resources/sandbox.ts'
import { type SandboxState, conditionsOf } from './conditions.ts'
import { routingKeyOf } from './sandbox-identity.ts'

export interface StatusInput {
  readonly state: SandboxState
  readonly services: readonly SandboxService[]
  /** What its routes need to be in force. */
  readonly wanted: Programmed
  /** Milliseconds since 1970. */
  readonly updatedAt: number
  readonly expiresAt: number | undefined
  readonly now: number
}

/** When the spec last changed, as far as anybody saw: the first time that this generation is looked at, it is now. */
export function updatedAt({ metadata, status }: Sandbox, now: number): number {
  const known = status?.updatedAt
  if (known !== undefined && status?.observedGeneration === metadata.generation) return Date.parse(known)
  return (metadata.generation ?? 1) > 1 ? now : Date.parse(metadata.creationTimestamp ?? '') || now
}

export function statusOf(sandbox: Sandbox, input: StatusInput): SandboxStatus {
  const { state, services, wanted, expiresAt, now } = input
  const { metadata, status } = sandbox
  const programmed = programmedOf(status?.programmed, wanted, state)
  return {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    routingKey: routingKeyOf(sandbox),
    updatedAt: time(input.updatedAt),
    ...(expiresAt === undefined ? {} : { expiresAt: time(expiresAt) }),
    conditions: conditionsOf(state, metadata.generation, status?.conditions ?? [], time(now)),
    services,
    ...(programmed === undefined ? {} : { programmed }),
  }
}

/** What is in force stays so; it is said again only when there is something newer, so that one write tells of many. */
function programmedOf(
  before: Programmed | undefined,
  wanted: Programmed,
  { routes }: SandboxState,
): Programmed | undefined {
  const state: ProgrammedState = routes.programmed
  if (!state.programmed || routes.services === 0) return before
  return before !== undefined && reaches(before, wanted) ? before : wanted
}

/** RFC 3339 in whole seconds, as the API server writes times. */
function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
