// Whether the clocks agree: a certificate, a lease and a sandbox's end are all judged by somebody's clock.

import type { Lease, Node } from '../../kubernetes/resources/builtin.ts'
import { type Link, holds, warned } from '../explain/link.ts'
import { spanText } from '../time-text.ts'

/** What each of them shows. Milliseconds since 1970. */
export interface ClockFacts {
  /** Undefined if the API server does not tell. To the second. */
  readonly server: number | undefined
  /** On this machine, when the API server was asked. */
  readonly here: number
  /** Of the nodes, renewed by their kubelets every ten seconds. */
  readonly leases: readonly Lease[] | undefined
  readonly nodes: readonly Node[] | undefined
}

const MOST_MS = 30_000
/** A kubelet that is well renews within this time. */
const RENEWED_MS = 40_000

export function clockLinks({ server, here, leases, nodes }: ClockFacts): readonly Link[] {
  if (server === undefined) return []
  const own = here - server
  const mine =
    Math.abs(own) <= MOST_MS
      ? []
      : [
          warned(
            `the clock of this machine is ${apart(own)} the API server's: what is said of certificates, ages and ends is wrong by that`,
            'set it: timedatectl set-ntp true',
          ),
        ]
  const wrong = (leases ?? []).flatMap(({ metadata, spec }) => {
    const renewed = Date.parse(spec?.renewTime ?? '')
    if (Number.isNaN(renewed) || !isReady(nodes?.find((node) => node.metadata.name === metadata.name))) return []
    const age = server - renewed
    if (age < -MOST_MS) return [`${metadata.name}: ${apart(-age)} the API server's`]
    return age > RENEWED_MS + MOST_MS ? [`${metadata.name}: at least ${apart(RENEWED_MS - age)} the API server's`] : []
  })
  const theirs =
    wrong.length === 0
      ? []
      : [
          warned(
            'clocks of nodes are wrong: certificates may be refused there, and times in reports mean nothing',
            'set them: timedatectl set-ntp true on each node',
            wrong,
          ),
        ]
  return mine.length + theirs.length === 0 ? [holds('the clocks agree')] : [...mine, ...theirs]
}

function isReady(node: Node | undefined): boolean {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

function apart(milliseconds: number): string {
  return `${spanText(Math.abs(milliseconds))} ${milliseconds > 0 ? 'ahead of' : 'behind'}`
}
