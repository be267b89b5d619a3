// Which deployment tool keeps an object as it is in Git or in a release: what is changed beside it would be changed back.

import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'

export interface Owner {
  /** `Argo CD`. */
  readonly tool: string
  /** `application shop`; empty if the marks do not say. */
  readonly what: string
}

/** Undefined if none is known to own it. */
export function ownerOf({ metadata }: Pick<KubernetesObject, 'metadata'>): Owner | undefined {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata
  // https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/: NAME:GROUP/KIND:NAMESPACE/NAME
  const tracked = annotations['argocd.argoproj.io/tracking-id']?.split(':')[0] ?? labels['argocd.argoproj.io/instance']
  if (tracked !== undefined) return { tool: 'Argo CD', what: named('application', tracked) }
  const kustomization = labels['kustomize.toolkit.fluxcd.io/name']
  if (kustomization !== undefined) return { tool: 'Flux', what: named('Kustomization', kustomization) }
  const helmRelease = labels['helm.toolkit.fluxcd.io/name']
  if (helmRelease !== undefined) return { tool: 'Flux', what: named('HelmRelease', helmRelease) }
  const release = annotations['meta.helm.sh/release-name']
  if (release !== undefined || labels['app.kubernetes.io/managed-by'] === 'Helm')
    return { tool: 'Helm', what: named('release', release) }
  const controller = ownerReferences.find((reference) => reference.controller === true)
  return controller === undefined ? undefined : { tool: controller.kind, what: controller.name }
}

function named(kind: string, name: string | undefined): string {
  return name === undefined ? '' : `${kind} ${name}`
}

/** What to do where it is kept. `lines` are what belongs into the pod template's annotations, or does not any more. */
export function adviceFor({ tool }: Owner, lines: readonly string[], enable: boolean): string {
  const block = lines.map((line) => `  ${line}\n`).join('')
  if (tool === 'Helm') return `set it in the values of the chart, mostly podAnnotations:\n${block}and run helm upgrade`
  const verb = enable ? 'put into' : 'take out of'
  return `in Git, ${verb} spec.template.metadata.annotations:\n${block}${enable ? 'or pipe the file through `sidetrack inject`' : 'and commit it'}`
}
