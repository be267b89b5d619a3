// The conditions of a Sandbox: from what was found, how its forks are and what is in force, by the Kubernetes API conventions.

import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { ProgrammedState } from '../programmed/programmed.ts'
import type { Lost } from '../routing/precedence.ts'
import { type Findings, listed } from './finding.ts'
import type { ForkState } from './fork-state.ts'

export interface SandboxState extends Findings {
  /** By the name of the baseline. */
  readonly forks: readonly { readonly of: string; readonly state: ForkState }[]
  /** `services: 0` if none of its routes is for a Service: there is nothing to wait for. */
  readonly routes: {
    readonly services: number
    readonly unready: readonly string[]
    readonly programmed: ProgrammedState
  }
  readonly lost: readonly Lost[]
}

type Statement = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** The API's limit of a message. */
const LONGEST = 32_768

/** `before`: as they are now. `now`: RFC 3339. A condition keeps its time for as long as its status is the same. */
export function conditionsOf(
  state: SandboxState,
  generation: number | undefined,
  before: readonly Condition[],
  now: string,
): readonly Condition[] {
  const available = forksAvailable(state)
  const programmed = routesProgrammed(state)
  const conflict = conflictOf(state)
  const statements = [ready(available, programmed, conflict), available, programmed, conflict, warned(state)]
  return statements.map((statement) => {
    const old = before.find(({ type }) => type === statement.type)
    return {
      ...statement,
      message: statement.message.slice(0, LONGEST),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: old?.status === statement.status ? old.lastTransitionTime : now,
    }
  })
}

function ready(available: Statement, programmed: Statement, conflict: Statement): Statement {
  const type = 'Ready'
  if (conflict.status === 'True') return { type, status: 'False', reason: conflict.reason, message: conflict.message }
  const lacking = [available, programmed].find(({ status }) => status !== 'True')
  if (lacking !== undefined) return { type, status: 'False', reason: lacking.reason, message: lacking.message }
  return { type, status: 'True', reason: 'Ready', message: 'The next request with its key goes to its forks.' }
}

function forksAvailable({ problems, forks }: SandboxState): Statement {
  const type = 'ForksAvailable'
  const [problem] = problems
  if (problem !== undefined) {
    return { type, status: 'False', reason: problem.reason, message: problems.map(({ message }) => message).join('\n') }
  }
  const troubled = forks.filter(({ state }) => !state.available)
  const [first] = troubled
  if (first !== undefined) {
    const message = troubled.map(({ of, state }) => `${of}: ${state.message}`).join('\n')
    return { type, status: 'False', reason: first.state.reason, message }
  }
  return {
    type,
    status: 'True',
    reason: 'Available',
    message: `${listed(forks.map(({ of }) => of))}: all pods are ready.`,
  }
}

function routesProgrammed({ problems, routes }: SandboxState): Statement {
  const type = 'RoutesProgrammed'
  if (problems.length > 0 && routes.services === 0) {
    return { type, status: 'False', reason: 'NoRoutes', message: 'There are no routes: the sandbox is not made.' }
  }
  if (routes.unready.length > 0) {
    const message = `The routes of ${listed(routes.unready)} wait for the pods of their forks.`
    return { type, status: 'False', reason: 'WaitingForForks', message }
  }
  if (routes.services === 0) return { type, status: 'True', reason: 'NothingToRoute', message: 'No Service is forked.' }
  const { programmed, reason, message } = routes.programmed
  return { type, status: programmed ? 'True' : 'False', reason, message }
}

function conflictOf({ lost }: SandboxState): Statement {
  const type = 'Conflict'
  if (lost.length === 0)
    return { type, status: 'False', reason: 'NoConflict', message: 'Nobody else has its key for its Services.' }
  const messages = lost.map(
    ({ service, to }) => `${to.kind} ${to.name} is older and has Service ${service} under the same key.`,
  )
  return { type, status: 'True', reason: 'KeyTaken', message: messages.join('\n') }
}

function warned({ warnings }: SandboxState): Statement {
  const [first] = warnings
  if (first === undefined) return { type: 'Warned', status: 'False', reason: 'NothingToTell', message: '' }
  return {
    type: 'Warned',
    status: 'True',
    reason: first.reason,
    message: warnings.map(({ message }) => message).join('\n'),
  }
}
