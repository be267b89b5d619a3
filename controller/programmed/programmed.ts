// Whether Routes are in force everywhere: every node whose agent has sidecars has said so, and whoever cannot say so is named.

import type { BypassingPod } from '../../kubernetes/resources/node-report.ts'
import type { Programmed } from '../../kubernetes/resources/sandbox.ts'
import { isAtLeast } from '../../kubernetes/resource-version.ts'
import type { Trouble } from '../sandbox/pod-trouble.ts'
import { listed } from '../sandbox/finding.ts'

/** A node as far as routes are concerned. */
export interface RoutedNode {
  readonly name: string
  /** The kubelet says that it is. */
  readonly ready: boolean
  /** The agent's pod runs there. */
  readonly agent: boolean
  /** What its agent last said; undefined before it said anything. */
  readonly report?: NodeWord | undefined
  /** Pods there that are opted in, where no agent could tell; undefined if nobody looked. */
  readonly optedIn?: number | undefined
}

export interface NodeWord {
  readonly routes: string
  readonly tables: string
  readonly sidecars: number
  readonly bypassing: readonly BypassingPod[]
}

export interface ProgrammedState extends Trouble {
  readonly programmed: boolean
}

const NAMED = 5

/**
 * `wanted`: the resourceVersions that have to be in force. `before`: those that were in force everywhere at some time: they are not asked
 * for again, since a node that comes later gives its pods the newest tables before they start.
 */
export function programmedState(
  nodes: readonly RoutedNode[],
  wanted: Programmed,
  before: Programmed | undefined,
): ProgrammedState {
  const wasInForce = before !== undefined && reaches(before, wanted)
  const asked = nodes.filter(({ ready, agent }) => ready && agent)
  const out = nodes.flatMap(leftOut)
  if (asked.length === 0) {
    const message =
      nodes.length === 0 ? 'No node is known.' : `No agent runs on a node that is ready. ${leftOutText(out)}`.trim()
    return { programmed: false, reason: 'NoAgents', message }
  }
  const behind = asked.filter(({ report }) => !isInForce(report, wanted))
  if (behind.length > 0 && !wasInForce) {
    const waiting = listed(behind.map(({ name }) => name).toSorted(), NAMED)
    const message =
      `In force on ${asked.length - behind.length} of ${asked.length} nodes; waiting for ${waiting}. ${leftOutText(out)}`.trim()
    return { programmed: false, reason: 'Waiting', message }
  }
  const bypassing = asked.flatMap(({ report }) => report?.bypassing ?? [])
  // Without their number: a node that comes or goes would change what all sandboxes say.
  const where = out.length > 0 ? 'In force on all other nodes.' : 'In force on every node.'
  const message = [where, leftOutText(out), bypassText(bypassing)].filter((part) => part !== '')
  return {
    programmed: true,
    reason: out.length + bypassing.length > 0 ? 'InForceWithGaps' : 'InForce',
    message: message.join(' '),
  }
}

export function reaches(has: Programmed, wanted: Programmed): boolean {
  return isAtLeast(has.routes, wanted.routes) && isAtLeast(has.tables, wanted.tables)
}

function isInForce(report: NodeWord | undefined, wanted: Programmed): boolean {
  return report !== undefined && (report.sidecars === 0 || reaches(report, wanted))
}

function leftOut({ name, ready, agent, optedIn }: RoutedNode): readonly string[] {
  if (!ready) return [`${name} (not ready)`]
  if (agent || optedIn === 0) return []
  return [optedIn === undefined ? `${name} (no agent)` : `${name} (no agent, ${counted(optedIn, 'opted-in pod')})`]
}

function leftOutText(out: readonly string[]): string {
  return out.length === 0 ? '' : `Left out: ${listed(out.toSorted(), NAMED)}.`
}

function bypassText(pods: readonly BypassingPod[]): string {
  if (pods.length === 0) return ''
  const names = pods.map(({ namespace, pod, reason }) => `${namespace}/${pod} (${reason})`)
  return `Not redirected: ${listed(names.toSorted(), NAMED)}.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
