// From the baseline's pod template to the fork's, as far as the sandbox says: images, variables, patch, and whose fork it is.

import { INJECT } from '../../core/annotations.ts'
import { KEY_ANNOTATION } from '../../core/fork-marks.ts'
import type { PodTemplate } from '../../kubernetes/resources/pod-template.ts'
import type { Fork } from '../../kubernetes/resources/sandbox.ts'
import { POD_TEMPLATE } from '../patch/merge-schema.ts'
import { isPodTemplate } from '../patch/pod-template-shape.ts'
import { PatchError, strategicMerge } from '../patch/strategic-merge.ts'
import { addIdentity, changeContainers, mapContainers } from './container-changes.ts'
import { type Findings, type Problem, type Warning, invalid, listed } from './finding.ts'
import { templateWithoutTracking } from './tracking-marks.ts'
import { uniqueItems } from './unique-items.ts'

/** A fork that intercepted what comes in would send its own requests to itself. */
const INBOUND = 'sidetrack.dev/inbound'

export interface ForkedTemplate extends Findings {
  /** With the baseline's labels still. Of no use if there are problems. */
  readonly template: PodTemplate
}

/** `path` is the fork's place: `spec.forks[0]`. */
export function forkTemplate(
  baseline: PodTemplate,
  fork: Fork,
  { sandbox, key, path }: { readonly sandbox: string; readonly key: string; readonly path: string },
): ForkedTemplate {
  const changed = changeContainers(baseline.spec, fork, path)
  const patched = patchTemplate({ ...baseline, spec: changed.spec }, fork.patch, path)
  const { spec, warnings: doubles } = uniqueItems(addIdentity(patched.template.spec, sandbox, key))
  const { spec: unbound, warnings: bound } = withoutHostPorts(spec)
  const { labels = {}, annotations = {} } = patched.template.metadata ?? {}
  const kept = Object.entries(templateWithoutTracking(annotations)).filter(([name]) => name !== INBOUND)
  const problems = [...changed.problems, ...patched.problems]
  if (unbound.hostNetwork === true) {
    problems.push(
      invalid(
        `${path}.of: it uses its node's network (hostNetwork); a route may lead to pods only. Patch hostNetwork to false.`,
      ),
    )
  }
  return {
    template: {
      metadata: {
        labels: templateWithoutTracking(labels),
        annotations: { ...Object.fromEntries(kept), [KEY_ANNOTATION]: key },
      },
      spec: unbound,
    },
    problems,
    warnings: [...changed.warnings, ...doubles, ...bound],
  }
}

export function isOptedIn(template: PodTemplate): boolean {
  return template.metadata?.annotations?.[INJECT] === 'true'
}

function patchTemplate(
  template: PodTemplate,
  patch: Fork['patch'],
  path: string,
): { readonly template: PodTemplate; readonly problems: readonly Problem[] } {
  if (patch === undefined) return { template, problems: [] }
  const problem = (message: string) => ({ template, problems: [invalid(`${path}.patch: ${message}`)] })
  try {
    const patched: unknown = strategicMerge({ ...template }, patch, POD_TEMPLATE)
    if (isPodTemplate(patched)) return { template: patched, problems: [] }
    return problem('it leaves no pod template: spec.containers is to be a list of containers with names')
  } catch (error) {
    if (error instanceof PatchError) return problem(error.message)
    throw error
  }
}

/** A port of the node can be taken once: the baseline has it. */
function withoutHostPorts(spec: PodTemplate['spec']): {
  readonly spec: PodTemplate['spec']
  readonly warnings: readonly Warning[]
} {
  const taken: number[] = []
  const freed = mapContainers(spec, (container) => {
    if (container.ports === undefined) return container
    const ports = container.ports.map((port) => {
      const { hostPort, hostIP: _, ...rest } = port
      if (hostPort === undefined) return port
      taken.push(hostPort)
      return rest
    })
    return { ...container, ports }
  })
  if (taken.length === 0 || spec.hostNetwork === true) return { spec, warnings: [] }
  const message = `The fork does not get port ${listed(taken.map(String))} of its node, which the baseline has.`
  return { spec: freed, warnings: [{ reason: 'HostPortDropped', message }] }
}
