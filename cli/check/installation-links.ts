// Whether an installation is whole and works.

import { type Link, broken, holds, unseen, warned } from '../explain/link.ts'
import { controllerLink } from '../explain/sandbox-links.ts'
import { agentLinks } from '../explain/agent-links.ts'
import { daemonSetState } from '../install/rollout.ts'
import { spanText } from '../time-text.ts'
import type { ClusterFacts, InstallationFacts } from './facts.ts'
import { missingLinks } from './missing-links.ts'
import { webhookLinks } from './webhook-links.ts'

export function installationLinks(facts: InstallationFacts, { nodes }: Pick<ClusterFacts, 'nodes'>): readonly Link[] {
  return [
    ...missingLinks(facts.missing),
    controllerLink(facts),
    ...webhookLinks(facts),
    agentLink(facts),
    ...agentLinks({ ...facts, nodes }),
    ...reportLinks(facts, nodes),
  ]
}

function agentLink({ agent }: InstallationFacts): Link {
  if (agent === undefined) return unseen('the DaemonSet of the agents')
  if (agent === null) return broken('there are no agents', 'sidetrack install --apply')
  const { done, text } = daemonSetState(agent)
  if (done) return holds(`agents of one version run on ${text}`)
  return warned(
    `agents are still being started, or cannot start: ${text}`,
    'kubectl -n sidetrack-system get pods -o wide; kubectl -n sidetrack-system logs ds/sidetrack-agent',
  )
}

function reportLinks({ reports, now }: InstallationFacts, nodes: ClusterFacts['nodes']): readonly Link[] {
  if (reports === undefined) return [unseen('the reports of the nodes')]
  const silent = (nodes ?? []).filter(({ metadata }) => !reports.some((each) => each.metadata.name === metadata.name))
  const bypassing = reports.flatMap(({ metadata, status }) =>
    (status?.bypassing ?? []).map(
      ({ namespace, pod, since, message }) =>
        `${namespace}/${pod} on ${metadata.name}, for ${spanText(now - Date.parse(since))}: ${message}`,
    ),
  )
  const sidecars = reports.reduce((sum, { status }) => sum + (status?.sidecars ?? 0), 0)
  return [
    holds(`${reports.length} nodes report ${sidecars} sidecars`),
    ...(silent.length === 0
      ? []
      : [
          warned(
            'nodes without a report',
            'see whether their agents run',
            silent.map(({ metadata }) => metadata.name),
          ),
        ]),
    ...(bypassing.length === 0
      ? []
      : [warned('pods whose calls are not redirected for now', 'do what each line says', bypassing)]),
  ]
}
