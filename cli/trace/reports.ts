// Where the hops of a trace are read: in the logs of all agents, with the person's right to read those; or on an agent's own page.

import { setTimeout as sleep } from 'node:timers/promises'
import { type HopLine, hopLine, readHopLine } from '../../core/hop-line.ts'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { type Pod, PODS } from '../../kubernetes/resources/builtin.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { AGENT_PODS, SYSTEM_NAMESPACE } from '../install/installation.ts'

export interface Reports {
  readonly lines: readonly HopLine[]
  /** Agents that could not be asked, and why. */
  readonly unread: readonly string[]
}

/** Seconds: how far back to look; undefined for as far as there is something. */
export type ReadReports = (id: string, seconds: number | undefined, signal: AbortSignal) => Promise<Reports>

/** Of one agent: a trace that is further back is not found. */
const MOST_LINES = 100_000
const AGAIN_MS = 300
/** Reports take some milliseconds to the agent, and a node's kubelet some more to show them; of an old request they are there. */
const PATIENCE_MS = 5000
const PATIENCE_WITH_OLD_MS = 500

/** Throws ST4007 without agents, and ST3004 if none of their logs may be read. */
export function reportsOfCluster(client: Client): ReadReports {
  return async (id, sinceSeconds, signal) => {
    const selection = { namespace: SYSTEM_NAMESPACE, labelSelector: AGENT_PODS }
    const { items } = await client.list(PODS, selection, signal)
    if (items.length === 0) throw new SidetrackError('ST4007', 'the cluster has no agents')
    const read = await Promise.all(
      items.map((pod) =>
        linesOf(client, pod, id, sinceSeconds, signal).catch((error: unknown) => asUnread(pod, error)),
      ),
    )
    const refusals = read.filter((each) => each instanceof KubernetesError)
    const [refusal] = refusals
    if (refusal !== undefined && refusals.length === items.length) throw refusal
    return {
      lines: read.flatMap((each) => (Array.isArray(each) ? each : [])),
      unread: read.flatMap((each) =>
        typeof each === 'string' ? [each] : each instanceof KubernetesError ? [each.message] : [],
      ),
    }
  }
}

async function linesOf(
  client: Client,
  { metadata }: Pod,
  id: string,
  sinceSeconds: number | undefined,
  signal: AbortSignal,
): Promise<HopLine[]> {
  const since = sinceSeconds === undefined ? {} : { sinceSeconds }
  const text = await client.log(metadata, { container: 'agent', lines: MOST_LINES, ...since }, signal)
  return text.split('\n').flatMap((line) => (line.includes(id) ? (readHopLine(line) ?? []) : []))
}

/** A missing right is the same for all; anything else is said of the one agent. */
function asUnread({ metadata, spec }: Pod, error: unknown): string | KubernetesError {
  if (error instanceof KubernetesError && error.code === 'ST3004') return error
  if (!(error instanceof KubernetesError)) throw error
  return `the reports of node ${spec?.nodeName ?? metadata.name} cannot be read: ${error.message}`
}

/** Of an agent that serves its pages at `address`, `127.0.0.1:15020`: one without Kubernetes. */
export function reportsOfAgent(address: string): ReadReports {
  return async (_id, _seconds, signal) => {
    const failed = (cause: unknown) =>
      new SidetrackError(
        'ST4009',
        `http://${address}/hops: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
        },
      )
    const answer = await fetch(`http://${address}/hops`, { signal }).catch((cause: unknown) => {
      throw failed(cause)
    })
    const page: unknown = await answer.json().catch((cause: unknown) => {
      throw failed(cause)
    })
    const entries: readonly unknown[] = Array.isArray(page) ? page : []
    const lines = entries.flatMap((each) => (typeof each === 'object' && each !== null ? (hopLine(each) ?? []) : []))
    return { lines, unread: [] }
  }
}

/** All of one trace: asked again until nothing more comes, or, as long as there is none, until nobody would wait for it any more. */
export async function collect(
  read: ReadReports,
  id: string,
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<Reports> {
  const end = performance.now() + (seconds === undefined ? PATIENCE_WITH_OLD_MS : PATIENCE_MS)
  let before = -1
  for (;;) {
    const { lines, unread } = await read(id, seconds, signal)
    const own = lines.filter(({ hop }) => hop.trace === id)
    const isSettled = own.length > 0 && own.length === before
    if (isSettled || performance.now() > end) return { lines: own, unread }
    before = own.length
    await sleep(AGAIN_MS, undefined, { signal })
  }
}
