// The fork of a Deployment or a Rollout: a Deployment. A fork has no traffic to shift, so none of a Rollout's steps.

import type { Desired } from '../plan/desired.ts'
import type { ForkIntent } from './fork-intent.ts'

export function deploymentFork({ baseline, metadata, replicas, selector, template }: ForkIntent): Desired {
  return {
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template,
      // The old pod answers until the new one is ready, however the baseline is updated; unless two of them cannot be there at once.
      strategy: baseline.recreate
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      // Nobody rolls a fork back.
      revisionHistoryLimit: 0,
    },
  }
}
