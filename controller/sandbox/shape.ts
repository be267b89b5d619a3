// What a sandbox is to consist of: all of its forks or, if it is not valid, nothing at all.

import { isRoutingKey } from '../../core/routing-key.ts'
import type { Fork, Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Baseline } from './baseline.ts'
import { type DerivedFork, type Surroundings, deriveFork } from './derive.ts'
import { type Findings, type Problem, invalid } from './finding.ts'
import { routingKeyOf } from './sandbox-identity.ts'
import { type TtlLimits, lifetime } from './ttl.ts'

export interface SandboxLimits {
  readonly ttl: TtlLimits
  /** Sandboxes in one namespace, the oldest first; as many as anybody likes if not given. */
  readonly perNamespace?: number | undefined
}

export interface SandboxWorld {
  readonly sandbox: Sandbox
  /** When its spec last changed, milliseconds since 1970. */
  readonly updatedAt: number
  readonly limits: SandboxLimits
  /** The label of the namespace allows sandboxes. */
  readonly namespaceEnabled: boolean
  /** Sandboxes of the namespace that are older. */
  readonly older: number
  /** One for each fork; undefined where there is no such workload. */
  readonly baselines: readonly (Baseline | undefined)[]
  readonly around: Surroundings
  /** Some of what it is made of is there already. */
  readonly established: boolean
}

export interface SandboxShape extends Findings {
  readonly forks: readonly DerivedFork[]
  readonly expiresAt: number | undefined
}

/**
 * A sandbox that is not valid is not made, and what was made of it goes. A baseline that is missing keeps a new sandbox from being made by
 * halves; one that is made loses that fork alone: the baseline may just be replaced.
 */
export function shapeSandbox(world: SandboxWorld): SandboxShape {
  const { sandbox, baselines, around } = world
  const { expiresAt, problems: ofTtl } = lifetime(sandbox, world.updatedAt, world.limits.ttl)
  const general = [...admission(world), ...ofTtl, ...specProblems(sandbox)]
  const missing = sandbox.spec.forks.flatMap((fork, index) =>
    baselines[index] === undefined ? [missingBaseline(fork, index, sandbox)] : [],
  )
  const forks = sandbox.spec.forks.flatMap((fork, index) => {
    const baseline = baselines[index]
    return baseline === undefined ? [] : [deriveFork(sandbox, index, fork, baseline, around)]
  })
  const invalids = [...general, ...forks.flatMap(({ problems }) => problems)]
  const refused = invalids.length > 0 || (missing.length > 0 && !world.established)
  return {
    forks: refused ? [] : forks,
    expiresAt,
    problems: [...invalids, ...missing],
    warnings: forks.flatMap(({ warnings }) => warnings),
  }
}

function admission({ sandbox, namespaceEnabled, older, limits }: SandboxWorld): readonly Problem[] {
  const namespace = sandbox.metadata.namespace ?? ''
  if (!namespaceEnabled) {
    const message = `namespace ${namespace} does not allow sandboxes: label it sidetrack.dev/sandboxes=enabled`
    return [{ reason: 'NamespaceNotEnabled', message }]
  }
  if (limits.perNamespace !== undefined && older >= limits.perNamespace) {
    const message = `namespace ${namespace} has ${older} older sandboxes, and ${limits.perNamespace} are allowed: delete one`
    return [{ reason: 'TooManySandboxes', message }]
  }
  return []
}

function specProblems(sandbox: Sandbox): readonly Problem[] {
  const { forks } = sandbox.spec
  const problems: Problem[] = []
  const key = routingKeyOf(sandbox)
  if (!isRoutingKey(key)) {
    const field = sandbox.spec.routingKey === undefined ? 'metadata.name' : 'spec.routingKey'
    problems.push(invalid(`${field}: ${JSON.stringify(key)} is no routing key: 1 to 63 letters, digits, - and _`))
  }
  for (const [index, { of }] of forks.entries()) {
    const first = forks.findIndex((other) => other.of.name === of.name)
    if (first < index)
      problems.push(invalid(`spec.forks[${index}].of: ${of.name} is forked by spec.forks[${first}] already`))
  }
  return problems
}

function missingBaseline({ of }: Fork, index: number, { metadata }: Sandbox): Problem {
  const message = `spec.forks[${index}].of: there is no ${of.kind} ${of.name} in namespace ${metadata.namespace ?? ''}`
  return { reason: 'BaselineMissing', message }
}
