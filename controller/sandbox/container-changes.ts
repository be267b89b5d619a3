// What a fork changes in the baseline's containers: images and variables.

import { KEY_VARIABLE, SANDBOX_VARIABLE } from '../../core/fork-marks.ts'
import type { Container, EnvVar, PodSpec } from '../../kubernetes/resources/pod-template.ts'
import type { Fork, ForkEnv } from '../../kubernetes/resources/sandbox.ts'
import { type Findings, type Problem, type Warning, invalid, listed } from './finding.ts'

export interface ChangedSpec extends Findings {
  readonly spec: PodSpec
}

/** `path` is the fork's place: `spec.forks[0]`. */
export function changeContainers(spec: PodSpec, fork: Pick<Fork, 'images' | 'env'>, path: string): ChangedSpec {
  const problems: Problem[] = []
  const warnings: Warning[] = []
  const known = containersOf(spec).map(({ name }) => name)
  const check = (container: string, field: string) => {
    if (known.includes(container)) return
    problems.push(invalid(`${path}.${field}.container: there is no container ${container}; there are ${listed(known)}`))
  }
  for (const [index, { container }] of (fork.images ?? []).entries()) check(container, `images[${index}]`)
  for (const [index, each] of (fork.env ?? []).entries()) {
    const field = `env[${index}]`
    check(each.container, field)
    const given = [each.value, each.valueFrom, each.delete].filter((way) => way !== undefined && way !== false)
    if (given.length > 1) problems.push(invalid(`${path}.${field}: give one of value, valueFrom and delete`))
  }
  const change = (container: Container): Container => {
    const image = fork.images?.findLast((each) => each.container === container.name)?.image
    const changes = (fork.env ?? []).filter((each) => each.container === container.name)
    const imaged = image === undefined ? container : { ...container, image }
    if (changes.length === 0) return imaged
    warnings.push(...notThere(container, changes))
    return { ...imaged, env: changeEnv(container.env ?? [], changes) }
  }
  return { spec: mapContainers(spec, change), problems, warnings }
}

/** Every container can tell which sandbox it is in. First, so that other variables can refer to them: `orders_$(SIDETRACK_SANDBOX)`. */
export function addIdentity(spec: PodSpec, sandbox: string, key: string): PodSpec {
  const identity: readonly EnvVar[] = [
    { name: SANDBOX_VARIABLE, value: sandbox },
    { name: KEY_VARIABLE, value: key },
  ]
  const names = new Set(identity.map(({ name }) => name))
  return mapContainers(spec, (container) => ({
    ...container,
    env: [...identity, ...(container.env ?? []).filter(({ name }) => !names.has(name))],
  }))
}

/** Init containers first. */
export function containersOf(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers]
}

export function mapContainers(spec: PodSpec, change: (container: Container) => Container): PodSpec {
  return {
    ...spec,
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(change) }),
    containers: spec.containers.map(change),
  }
}

/** A variable that is there keeps its place: others may refer to it. */
function changeEnv(env: readonly EnvVar[], changes: readonly ForkEnv[]): readonly EnvVar[] {
  const result = new Map<string, EnvVar>()
  for (const each of env) result.set(each.name, each)
  for (const { name, value, valueFrom, delete: gone } of changes) {
    if (gone === true) result.delete(name)
    else result.set(name, { name, ...(valueFrom === undefined ? { value: value ?? '' } : { valueFrom }) })
  }
  return [...result.values()]
}

function notThere({ name, env = [], envFrom = [] }: Container, changes: readonly ForkEnv[]): readonly Warning[] {
  const missing = changes.filter((each) => each.delete === true && !env.some((has) => has.name === each.name))
  if (missing.length === 0) return []
  const why = envFrom.length > 0 ? '; if it comes from envFrom, set it to another value or patch envFrom' : ''
  const names = listed(missing.map((each) => each.name))
  return [
    { reason: 'NothingToDelete', message: `Container ${name} has no variable ${names} of its own to delete${why}.` },
  ]
}
