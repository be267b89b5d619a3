// What `enable` and `disable` change on a workload, or why they do not.

import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { OPT_IN_NAMES, type OptIn, annotationsFor } from './annotations.ts'
import { adviceFor, ownerOf } from './owner.ts'
import type { Workload } from './workload.ts'

export type TemplateAnnotations = Readonly<Record<string, string | null>>

/** The annotations to merge into the pod template; undefined if it is so already. Throws ST4008 where somebody else keeps the workload. */
export function changeOf(workload: Workload, enable: boolean, optIn: OptIn): TemplateAnnotations | undefined {
  const { kind, metadata, spec } = workload
  const present = spec?.template?.metadata?.annotations ?? {}
  const wanted: TemplateAnnotations = enable
    ? Object.fromEntries(annotationsFor(optIn))
    : Object.fromEntries(OPT_IN_NAMES.filter((name) => name in present).map((name) => [name, null]))
  if (Object.entries(wanted).every(([name, value]) => present[name] === value)) return undefined
  const name = `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
  if (metadata.labels?.[SANDBOX_LABEL] !== undefined)
    throw new SidetrackError('ST4008', `${name} is a fork: it follows its baseline, so opt that one in`)
  if (spec?.workloadRef !== undefined)
    throw new SidetrackError(
      'ST4008',
      `${name} takes its pods from Deployment ${spec.workloadRef.name ?? ''}: opt that one in`,
    )
  const owner = ownerOf(workload)
  if (owner === undefined) return wanted
  const lines = Object.entries(wanted).map(([each, value]) => `${each}: "${value ?? present[each] ?? ''}"`)
  const who = [owner.tool, owner.what].filter((part) => part !== '').join(', ')
  throw new SidetrackError('ST4008', `${name} belongs to ${who}: ${adviceFor(owner, lines, enable)}`)
}
