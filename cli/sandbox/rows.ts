// Sandboxes as rows of a table.

import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Row } from '../table.ts'
import { ageText, dueText } from '../time-text.ts'
import { workloadText } from '../workload.ts'
import { conditionOf, routingKeyOf } from './status.ts'

export interface Columns {
  readonly namespace: boolean
  readonly wide: boolean
}

export function headings({ namespace, wide }: Columns): Row {
  const own = ['NAME', 'KEY', 'READY', 'REASON', 'FORKS', 'EXPIRES', 'AGE']
  return [...(namespace ? ['NAMESPACE'] : []), ...own, ...(wide ? ['SERVICES', 'MESSAGE'] : [])]
}

/** `now`: milliseconds since 1970. */
export function rowOf(sandbox: Sandbox, { namespace, wide }: Columns, now: number): Row {
  const { metadata, spec, status } = sandbox
  const ready = conditionOf(sandbox, 'Ready')
  const own = [
    metadata.name,
    routingKeyOf(sandbox),
    ready?.status ?? 'Unknown',
    metadata.deletionTimestamp === undefined ? (ready?.reason ?? 'NotSeenYet') : 'Deleting',
    spec.forks.map(({ of }) => workloadText(of)).join(','),
    dueText(status?.expiresAt, now),
    ageText(metadata.creationTimestamp, now),
  ]
  const services = (status?.services ?? []).map(({ name }) => name)
  const more = [[...new Set(services)].join(','), oneLine(ready?.message ?? '')]
  return [...(namespace ? [metadata.namespace ?? ''] : []), ...own, ...(wide ? more : [])]
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' / ')
}
