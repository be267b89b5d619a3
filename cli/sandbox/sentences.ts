// A Sandbox in words: what it is made of, whether it is ready, and what its author should know.

import type { Fork, ForkEnv, Sandbox, SandboxService } from '../../kubernetes/resources/sandbox.ts'
import { ageText, dueText } from '../time-text.ts'
import { workloadText } from '../workload.ts'
import { headerOf } from './header.ts'
import { conditionOf, fullName, routingKeyOf } from './status.ts'

const INDENT = 10

/** Several lines, ends with a newline. `now`: milliseconds since 1970. */
export function describe(sandbox: Sandbox, now: number): string {
  const { spec, status, metadata } = sandbox
  const lines = [
    `Sandbox ${fullName(sandbox)}`,
    ...field('Key', [`${routingKeyOf(sandbox)}   (${headerOf(routingKeyOf(sandbox))})`]),
    ...field('Ready', readiness(sandbox)),
    ...field('Age', [ageText(metadata.creationTimestamp, now)]),
    ...field('Expires', [status?.expiresAt === undefined ? 'never' : dueText(status.expiresAt, now)]),
    ...field('Forks', spec.forks.flatMap(forkLines)),
    ...field('Services', (status?.services ?? []).map(serviceLine)),
    ...field('Routes', messageOf(sandbox, 'RoutesProgrammed')),
    ...field('Conflict', conditionOf(sandbox, 'Conflict')?.status === 'True' ? messageOf(sandbox, 'Conflict') : []),
    ...field('Note', conditionOf(sandbox, 'Warned')?.status === 'True' ? messageOf(sandbox, 'Warned') : []),
  ]
  return `${lines.join('\n')}\n`
}

/** The first line says whether, the others why. */
export function readiness(sandbox: Sandbox): readonly string[] {
  if (sandbox.metadata.deletionTimestamp !== undefined) return ['no: it is being deleted']
  const ready = conditionOf(sandbox, 'Ready')
  if (ready === undefined)
    return ['no: the controller has not said anything about it yet', 'kubectl -n sidetrack-system get pods']
  const [first = '', ...others] = ready.message.split('\n')
  if (ready.status === 'True') return [`yes: ${first}`, ...others]
  return [`no, ${ready.reason}: ${first}`, ...others]
}

function forkLines(fork: Fork): readonly string[] {
  const { images = [], env = [], patch, replicas } = fork
  const changes = [
    ...images.map(({ container, image }) => `  image ${container}=${image}`),
    ...env.map(envLine),
    ...(patch === undefined ? [] : ['  and a patch']),
    ...(replicas === undefined || replicas === 1 ? [] : [`  ${replicas} pods`]),
  ]
  return [workloadText(fork.of), ...changes]
}

function envLine({ container, name, value, delete: gone }: ForkEnv): string {
  if (gone === true) return `  env ${container}:${name}-`
  return `  env ${container}:${name}=${value ?? '(from elsewhere)'}`
}

function serviceLine({ name, fork, ready, reason }: SandboxService): string {
  return `${name} → ${fork}${ready ? '' : `, not ready${reason === undefined ? '' : `: ${reason}`}`}`
}

function messageOf(sandbox: Sandbox, type: string): readonly string[] {
  const { message } = conditionOf(sandbox, type) ?? { message: '' }
  return message === '' ? [] : message.split('\n')
}

function field(name: string, [first, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return []
  return [`  ${name.padEnd(INDENT)}${first}`, ...others.map((line) => `  ${' '.repeat(INDENT)}${line}`)]
}
