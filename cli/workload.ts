// `deploy/cart`: a workload as kubectl's users name it.

import type { ForkedWorkload } from '../kubernetes/resources/sandbox.ts'
import { wrong } from './wrong.ts'

const KINDS: Readonly<Record<string, ForkedWorkload['kind']>> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  deployments: 'Deployment',
  'deployment.apps': 'Deployment',
  'deployments.apps': 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  'statefulset.apps': 'StatefulSet',
  'statefulsets.apps': 'StatefulSet',
  ro: 'Rollout',
  rollout: 'Rollout',
  rollouts: 'Rollout',
  'rollout.argoproj.io': 'Rollout',
  'rollouts.argoproj.io': 'Rollout',
}

const SHORT = { Deployment: 'deploy', StatefulSet: 'sts', Rollout: 'rollout' } as const

/** Throws ST4001 for anything but one of the kinds that can be forked, and a name. */
export function parseWorkload(text: string): ForkedWorkload {
  const slash = text.indexOf('/')
  const name = text.slice(slash + 1)
  const kind = KINDS[text.slice(0, Math.max(slash, 0)).toLowerCase()]
  if (slash === -1 || name === '' || name.includes('/'))
    throw wrong(`${JSON.stringify(text)} names no workload: deploy/NAME, sts/NAME or rollout/NAME`)
  if (kind === undefined)
    throw wrong(`${text.slice(0, slash)} is no kind that can be forked: deploy/NAME, sts/NAME or rollout/NAME`)
  return { kind, name }
}

export function workloadText({ kind, name }: ForkedWorkload): string {
  return `${SHORT[kind]}/${name}`
}
