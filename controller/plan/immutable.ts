// Fields that the API server lets nobody change: an object that needs another value is made anew.

import { isList, isObject } from '../patch/json.ts'
import type { Desired, Observed } from './desired.ts'
import { holds, isSame } from './holds.ts'

export function isReplaced({ kind, spec: wanted }: Desired, { spec }: Observed): boolean {
  if (!isObject(wanted) || !isObject(spec)) return false
  switch (kind) {
    case 'Deployment':
      return !isSame(spec['selector'], wanted['selector'])
    case 'StatefulSet': {
      const fields = ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates']
      return (
        fields.some((field) => wanted[field] !== undefined && !holds(spec[field], wanted[field])) ||
        hasVolumes(spec) !== hasVolumes(wanted)
      )
    }
    case 'Service':
      return primaryFamily(wanted) !== undefined && primaryFamily(spec) !== primaryFamily(wanted)
    case 'NetworkPolicy':
    case 'RoutingTable':
    case 'Route':
      return false
  }
}

function hasVolumes({ volumeClaimTemplates }: Readonly<Record<string, unknown>>): boolean {
  return isList(volumeClaimTemplates) && volumeClaimTemplates.length > 0
}

function primaryFamily({ ipFamilies }: Readonly<Record<string, unknown>>): unknown {
  return isList(ipFamilies) ? ipFamilies[0] : undefined
}
