// The fork of a StatefulSet: one with volumes of its own, which go with it.

import type { Desired } from '../plan/desired.ts'
import type { ForkIntent } from './fork-intent.ts'

/** `serviceName`: the fork's own Service that stands for the baseline's governing one, if there is one. */
export function statefulSetFork(
  { baseline, metadata, replicas, selector, template }: ForkIntent,
  serviceName: string | undefined,
): Desired {
  const { podManagementPolicy, volumeClaimTemplates = [] } = baseline.statefulSet ?? {}
  return {
    kind: 'StatefulSet',
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template,
      serviceName: serviceName ?? '',
      ...(podManagementPolicy === undefined ? {} : { podManagementPolicy }),
      updateStrategy: { type: 'RollingUpdate' },
      revisionHistoryLimit: 1,
      ...(volumeClaimTemplates.length === 0
        ? {}
        : {
            volumeClaimTemplates: volumeClaimTemplates.map((claim) => ({
              apiVersion: 'v1',
              kind: 'PersistentVolumeClaim',
              metadata: {
                name: claim.metadata?.name ?? '',
                ...(claim.metadata?.annotations === undefined ? {} : { annotations: claim.metadata.annotations }),
              },
              spec: claim.spec ?? {},
            })),
            persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
          }),
    },
  }
}
