// From the webhook to every node's sidecars: whether those who call the forked Services are redirected, and by the newest routes.

import { INJECT, INJECTED, REFUSED } from '../../core/annotations.ts'
import type { Node, Pod } from '../../kubernetes/resources/builtin.ts'
import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import { isAtLeast, newestOf } from '../../kubernetes/resource-version.ts'
import { spanText } from '../time-text.ts'
import { agentLinks } from './agent-links.ts'
import { callerLinks } from './caller-links.ts'
import { type Link, broken, holds, unseen, warned } from './link.ts'
import { webhookLink } from './webhook-link.ts'
import type { Workload, World } from './world.ts'

const MOST = 10

export function sidecarLinks(world: World): readonly Link[] {
  return [
    webhookLink(world),
    ...misplacedLinks(world),
    sidecarLink(world),
    ...missingLinks(world),
    ...callerLinks(world),
    ...agentLinks(world),
    ...nodeLinks(world),
    ...bypassLinks(world),
  ]
}

function asks(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return annotations?.[INJECT] === 'true'
}

/** The annotation on the workload itself does nothing. */
function misplacedLinks({ workloads = [] }: World): readonly Link[] {
  const wrong = workloads.filter(
    ({ metadata, spec }) => asks(metadata.annotations) && !asks(spec?.template?.metadata?.annotations),
  )
  return wrong.map((workload) =>
    warned(
      `${textOf(workload)} has ${INJECT} on itself, where it does nothing`,
      `put it on the pod template: sidetrack enable ${workload.kind.toLowerCase()}/${workload.metadata.name}`,
    ),
  )
}

function sidecarLink({ reports, pods }: World): Link {
  if (reports === undefined && pods === undefined) return unseen('pods and reports of nodes')
  const connected = (reports ?? []).reduce((sum, { status }) => sum + (status?.sidecars ?? 0), 0)
  const injected = (pods ?? []).filter(isInjected).length
  const count = reports === undefined ? injected : connected
  if (count > 0) return holds(`${count} pods have a sidecar`)
  if (injected > 0)
    return broken(
      'no sidecar is connected to an agent, so nothing is redirected',
      'kubectl -n sidetrack-system get pods -o wide',
    )
  return broken(
    'no pod has a sidecar, so no call is redirected',
    'opt in who calls the forked Services: sidetrack enable deploy/CALLER',
  )
}

function missingLinks({ pods = [] }: World): readonly Link[] {
  const without = pods.filter((pod) => asks(pod.metadata.annotations) && !isInjected(pod))
  if (without.length === 0) return []
  const details = without.map(
    ({ metadata }) =>
      `${metadata.namespace ?? ''}/${metadata.name}: ${metadata.annotations?.[REFUSED] ?? 'the webhook was not asked when it was created'}`,
  )
  return [
    warned(
      `${without.length} pods ask for a sidecar and have none`,
      'mend what is named, then delete them: their successors get one',
      some(details),
    ),
  ]
}

function nodeLinks({ nodes, reports, routes, tables, sandbox }: World): readonly Link[] {
  if (reports === undefined) return [unseen('the reports of the nodes')]
  const own = (routes ?? []).filter(({ spec }) => spec.sandbox === sandbox.metadata.name)
  const used = (tables ?? []).filter(({ metadata }) => own.some(({ spec }) => spec.table === metadata.name))
  const wanted = { routes: newestOf(own), tables: newestOf(used) }
  const behind = reports.filter(({ status }) => {
    if (status === undefined || status.sidecars === 0) return false
    return !isAtLeast(status.routes, wanted.routes) || !isAtLeast(status.tables, wanted.tables)
  })
  const silent = (nodes ?? []).filter(
    (node) => isUp(node) && !reports.some(({ metadata }) => metadata.name === node.metadata.name),
  )
  const logs = 'kubectl -n sidetrack-system logs ds/sidetrack-agent; kubectl -n sidetrack-system get pods -o wide'
  return [
    behind.length === 0
      ? holds(`its routes are in force on ${reports.length - behind.length} of ${reports.length} nodes that report`)
      : broken('its routes are not in force everywhere', logs, some(behind.map(reportText))),
    ...(silent.length === 0
      ? []
      : [
          warned(
            'nodes without a report: the calls of their pods are not redirected',
            logs,
            some(silent.map(({ metadata }) => metadata.name)),
          ),
        ]),
  ]
}

function bypassLinks({ reports = [], now }: World): readonly Link[] {
  const details = reports.flatMap(({ metadata, status }) =>
    (status?.bypassing ?? []).map(
      ({ namespace, pod, reason, message, since }) =>
        `${namespace}/${pod} on ${metadata.name}, for ${spanText(now - Date.parse(since))}: ${message} (${reason})`,
    ),
  )
  if (details.length === 0) return []
  return [
    warned(
      'requests with a key that these pods send go to the baseline for now',
      'do what each line says',
      some(details),
    ),
  ]
}

function isInjected({ metadata }: Pod): boolean {
  return metadata.annotations?.[INJECTED] !== undefined
}

function textOf({ kind, metadata }: Workload): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}

function reportText({ metadata, status }: NodeReport): string {
  return `${metadata.name}, ${status?.sidecars ?? 0} sidecars, last heard of at ${status?.observedAt ?? 'no time'}`
}

function isUp({ status }: Node): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

function some(details: readonly string[]): readonly string[] {
  return details.length <= MOST ? details : [...details.slice(0, MOST), `and ${details.length - MOST} more`]
}
