// Volumes that a fork would share with its baseline, and what comes of it.

import type { PodSpec } from '../../kubernetes/resources/pod-template.ts'
import type { Warning } from './finding.ts'

/** The access modes of PersistentVolumeClaims by name, as far as they are known. */
export type AccessModes = ReadonlyMap<string, readonly string[]>

export function sharedClaims(spec: PodSpec, modes: AccessModes): readonly Warning[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim: claim }) => {
    if (claim === undefined || claim.readOnly === true) return []
    const { reason, what } = consequence(modes.get(claim.claimName) ?? [])
    const message = `Volume ${name} is the baseline's claim ${claim.claimName}: ${what} Patch the fork to use another volume.`
    return [{ reason, message }]
  })
}

/** The names of claims that `sharedClaims` asks about. */
export function claimsOf(spec: PodSpec): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
}

function consequence(modes: readonly string[]): { readonly reason: string; readonly what: string } {
  if (modes.includes('ReadWriteMany')) return { reason: 'SharesVolume', what: 'both write to the same data.' }
  if (modes.includes('ReadWriteOnce')) {
    return { reason: 'SharesVolume', what: 'both write to the same data, and the fork can only run on the same node.' }
  }
  if (modes.includes('ReadWriteOncePod')) {
    return {
      reason: 'VolumeInUse',
      what: 'only one pod may use it (ReadWriteOncePod), so the fork cannot start while the baseline runs.',
    }
  }
  if (modes.includes('ReadOnlyMany')) return { reason: 'SharesVolume', what: 'both read the same data.' }
  return { reason: 'SharesVolume', what: 'both use the same data.' }
}
