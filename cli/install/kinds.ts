// The kinds of objects that an installation is made of, as the API server serves them.

import type { Resource } from '../../kubernetes/resource.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'

/** By kind: plural, and whether it belongs to a namespace. */
const KINDS: Readonly<Record<string, readonly [plural: string, namespaced: boolean]>> = {
  Namespace: ['namespaces', false],
  ServiceAccount: ['serviceaccounts', true],
  Service: ['services', true],
  Secret: ['secrets', true],
  ConfigMap: ['configmaps', true],
  PodMonitor: ['podmonitors', true],
  PrometheusRule: ['prometheusrules', true],
  Deployment: ['deployments', true],
  DaemonSet: ['daemonsets', true],
  PodDisruptionBudget: ['poddisruptionbudgets', true],
  ClusterRole: ['clusterroles', false],
  ClusterRoleBinding: ['clusterrolebindings', false],
  Role: ['roles', true],
  RoleBinding: ['rolebindings', true],
  CustomResourceDefinition: ['customresourcedefinitions', false],
  MutatingWebhookConfiguration: ['mutatingwebhookconfigurations', false],
  ValidatingAdmissionPolicy: ['validatingadmissionpolicies', false],
  ValidatingAdmissionPolicyBinding: ['validatingadmissionpolicybindings', false],
}

export function resourceOf({
  apiVersion,
  kind,
}: Pick<KubernetesObject, 'apiVersion' | 'kind'>): Resource<KubernetesObject> {
  const [plural, namespaced] = KINDS[kind] ?? []
  if (plural === undefined || namespaced === undefined) throw new Error(`no kind of an installation: ${kind}`)
  const slash = apiVersion.indexOf('/')
  return {
    group: apiVersion.slice(0, Math.max(slash, 0)),
    version: apiVersion.slice(slash + 1),
    plural,
    kind,
    namespaced,
  }
}

/** `Deployment sidetrack-system/sidetrack-controller`. */
export function objectText({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}
