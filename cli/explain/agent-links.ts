// Whether every node has an agent that runs: without one the calls of the node's pods are not redirected.

import type { Node, Pod } from '../../kubernetes/resources/builtin.ts'
import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import { podTrouble } from '../install/rollout.ts'
import { type Link, broken, holds, unseen, warned } from './link.ts'
import type { Seen } from './world.ts'

export interface AgentFacts {
  readonly nodes: Seen<readonly Node[]>
  /** The agents' pods. */
  readonly agents: Seen<readonly Pod[]>
  readonly reports: Seen<readonly NodeReport[]>
}

const MEND =
  'kubectl -n sidetrack-system describe ds/sidetrack-agent (its nodeSelector, tolerations, image); kubectl -n sidetrack-system logs ds/sidetrack-agent'

export function agentLinks({ nodes, agents, reports }: AgentFacts): readonly Link[] {
  if (agents === undefined || nodes === undefined) return [unseen('the agents on the nodes')]
  const linux = nodes.filter(({ status }) => status?.nodeInfo?.operatingSystem !== 'windows')
  const [up, down] = [linux.filter((node) => isUp(node)), linux.filter((node) => !isUp(node))]
  const without = up.flatMap((node) => {
    const here = agents.filter(({ spec }) => spec?.nodeName === node.metadata.name)
    return here.some(isReady) ? [] : [`${node.metadata.name}: ${whyNot(here)}${sidecarsText(reports, node)}`]
  })
  const gone =
    down.length === 0
      ? []
      : [warned('nodes are not ready: their pods and agents are out of reach', 'kubectl describe node', namesOf(down))]
  if (without.length === 0) return [holds(`an agent runs on each of ${up.length} nodes`), ...gone]
  const text = `${without.length} of ${up.length} nodes have no agent that is ready: the calls of new pods there are not redirected`
  return [broken(text, MEND, without), ...gone]
}

function isUp({ status }: Node): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

function namesOf(nodes: readonly Node[]): readonly string[] {
  return nodes.map(({ metadata }) => metadata.name)
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

function whyNot(agents: readonly Pod[]): string {
  if (agents.length === 0) return 'it has no agent pod'
  const trouble = podTrouble(agents)
  return trouble === '' ? `pod ${agents[0]?.metadata.name ?? ''} is not ready` : trouble
}

function sidecarsText(reports: Seen<readonly NodeReport[]>, { metadata }: Node): string {
  const report = reports?.find((each) => each.metadata.name === metadata.name)
  return (report?.status?.sidecars ?? 0) === 0 ? '' : '; its sidecars keep the tables that they had'
}
