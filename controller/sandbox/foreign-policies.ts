// Policies that name the baseline's pods and that are not copied for a fork: of other namespaces, and of network plugins.

import { type Labels, selects } from '../../kubernetes/label-selector.ts'
import type { NetworkPolicy } from '../../kubernetes/resources/builtin.ts'
import { type Warning, listed } from './finding.ts'
import type { Relabelled } from './fork-scheduling.ts'

/** A policy of Cilium, Calico or the cluster's administrator that may hold in the namespace. */
export interface PluginPolicy {
  readonly kind: string
  readonly name: string
  /** Its spec as JSON. */
  readonly text: string
}

/** `others`: NetworkPolicies of other namespaces that select pods by their namespace. */
export function foreignPolicies(
  pods: Relabelled,
  namespaceLabels: Labels,
  others: readonly NetworkPolicy[],
  plugins: readonly PluginPolicy[],
): readonly Warning[] {
  const policies = others.filter(({ spec }) => {
    const rules = [...(spec?.ingress ?? []).map(({ from }) => from), ...(spec?.egress ?? []).map(({ to }) => to)]
    return rules.some((peers) => {
      const admits = (labels: Labels) =>
        peers?.some(
          ({ namespaceSelector, podSelector }) =>
            namespaceSelector !== undefined &&
            selects(namespaceSelector, namespaceLabels) &&
            (podSelector === undefined || selects(podSelector, labels)),
        ) === true
      return admits(pods.before) && !admits(pods.after)
    })
  })
  const names = [
    ...policies.map(({ metadata }) => `NetworkPolicy ${metadata.namespace ?? ''}/${metadata.name}`),
    ...plugins.filter(({ text }) => mentions(text, pods)).map(({ kind, name }) => `${kind} ${name}`),
  ]
  if (names.length === 0) return []
  const message = `${listed(names)} seem${names.length === 1 ? 's' : ''} to be about the baseline's pods and not the fork's. Sidetrack copies NetworkPolicies of the same namespace only; see that they let the fork through.`
  return [{ reason: 'ForeignPolicy', message }]
}

/** Whether `text` has both the name and the value of a label that the fork no longer has, whatever the plugin's own language. */
function mentions(text: string, { before, after }: Relabelled): boolean {
  return Object.entries(before).some(
    ([key, value]) => after[key] !== value && text.includes(key) && text.includes(value),
  )
}
