// Marks by which deployment tools know their own objects. A fork that kept them would be pruned, adopted or reported by the tool.

type Marks = Readonly<Record<string, string>>

const TOOLS = [
  'argocd.argoproj.io/',
  'kustomize.toolkit.fluxcd.io/',
  'helm.toolkit.fluxcd.io/',
  'meta.helm.sh/',
  'helm.sh/',
  'kapp.k14s.io/',
  'kbld.k14s.io/',
  'applyset.kubernetes.io/',
  'config.k8s.io/',
  'config.kubernetes.io/',
  'internal.config.kubernetes.io/',
  'configsync.gke.io/',
  'configmanagement.gke.io/',
  'objectset.rio.cattle.io/',
  'fleet.cattle.io/',
  'field.cattle.io/',
  'pulumi.com/',
  'skaffold.dev/',
  'deployment.kubernetes.io/',
  'rollout.argoproj.io/',
] as const

const NAMES: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'app.kubernetes.io/managed-by',
  // The label by which Argo CD knows what it owns unless told otherwise.
  'app.kubernetes.io/instance',
])

/** The labels or annotations of a workload without those of deployment tools. */
export function withoutTracking(marks: Marks = {}): Marks {
  return Object.fromEntries(Object.entries(marks).filter(([name]) => !NAMES.has(name) && !ofTool(name)))
}

/**
 * The same for a pod template, whose labels mean something to the team as well: only what a tool could take for its own object. Tools look
 * at pods through their workloads.
 */
export function templateWithoutTracking(marks: Marks = {}): Marks {
  return Object.fromEntries(
    Object.entries(marks)
      .filter(([name]) => !ofTool(name) || name.startsWith('helm.sh/'))
      .filter(([name]) => !name.includes('last-applied')),
  )
}

function ofTool(name: string): boolean {
  return TOOLS.some((prefix) => name.startsWith(prefix))
}
