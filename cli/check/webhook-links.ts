// Whether new pods get their sidecar: the webhook's certificate, its replicas, what may stand before them, and a trial.

import type { NetworkPolicy } from '../../kubernetes/resources/builtin.ts'
import { type Link, broken, holds, unseen, warned } from '../explain/link.ts'
import { certificateState, webhookLink } from '../explain/webhook-link.ts'
import type { InstallationFacts } from './facts.ts'

const CONTROLLER_LOG = 'kubectl -n sidetrack-system logs deploy/sidetrack-controller'
const RESTART = 'kubectl -n sidetrack-system rollout restart deploy/sidetrack-controller'

type Facts = Pick<InstallationFacts, 'webhook' | 'certificate' | 'policies' | 'trial' | 'now'>

export function webhookLinks(facts: Facts): readonly Link[] {
  const configuration = webhookLink(facts)
  return [
    configuration,
    ...certificateLinks(facts),
    ...policyLinks(facts),
    ...(configuration.state === 'broken' ? [] : trialLinks(facts)),
  ]
}

/** What the replicas show; nothing is said where it may not be seen, since the trial says enough. */
function certificateLinks({ certificate, now }: Facts): readonly Link[] {
  if (certificate === undefined) return []
  if (certificate === null)
    return [broken('the webhook has no certificate, so that the API server cannot ask it', CONTROLLER_LOG)]
  const state = certificateState(certificate, now)
  if (state === 'valid') return [holds("the webhook's certificate is valid")]
  return [
    broken(
      `the webhook's certificate is ${state === 'unreadable' ? 'unreadable' : 'not valid now'}: the API server does not ask it, and new pods get no sidecar`,
      RESTART,
      state === 'unreadable' ? [] : [state],
    ),
  ]
}

function policyLinks({ policies = [] }: Facts): readonly Link[] {
  const foreign = policies.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] !== 'sidetrack')
  if (foreign.length === 0) return []
  return [
    warned(
      'NetworkPolicies stand before the controller: the API server must reach its port 15017, and it the API server',
      'allow both, or delete them: kubectl -n sidetrack-system describe networkpolicies',
      foreign.map(policyText),
    ),
  ]
}

function policyText({ metadata, spec }: NetworkPolicy): string {
  const types = (spec?.policyTypes ?? ['Ingress']).join(' and ')
  return `${metadata.namespace ?? ''}/${metadata.name} (${types})`
}

function trialLinks({ trial }: Facts): readonly Link[] {
  switch (trial.came) {
    case 'sidecar':
      return [holds('a trial pod that asks for a sidecar gets one')]
    case 'error':
      return [{ ...unseen('whether a trial pod gets a sidecar'), details: [trial.why] }]
    case 'none':
      if (trial.refusal !== undefined)
        return [broken(`a trial pod was refused its sidecar: ${trial.refusal}`, 'mend what is named')]
      return [
        broken(
          'a trial pod that asks for a sidecar gets none: the API server does not reach the webhook, or it does not answer',
          `${CONTROLLER_LOG}; a firewall between the API server and the nodes must let port 15017 through`,
        ),
      ]
  }
}
