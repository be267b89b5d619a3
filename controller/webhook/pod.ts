// A pod as far as injection looks at it, and what its containers say about users and ports.

export interface Pod {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: PodSpec
}

export interface PodSpec {
  readonly hostNetwork?: boolean
  readonly os?: { readonly name?: string }
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly securityContext?: { readonly runAsUser?: number }
  /** The pod's own share, from which every container takes (KEP-2837). */
  readonly resources?: object
  readonly initContainers?: readonly Container[]
  readonly containers?: readonly Container[]
  readonly volumes?: readonly { readonly name?: string }[]
}

export interface Container {
  readonly name?: string
  readonly restartPolicy?: string
  readonly securityContext?: { readonly runAsUser?: number }
  readonly ports?: readonly { readonly containerPort?: number; readonly protocol?: string }[]
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
}

export interface Probe {
  readonly httpGet?: { readonly port?: number | string }
  readonly tcpSocket?: { readonly port?: number | string }
  readonly grpc?: { readonly port?: number | string }
}

/** All containers that the pod starts, in the order in which they start. */
export function containersOf(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
}

/** The user that a container runs as; undefined if its image decides. */
export function userOf(container: Container, spec: PodSpec): number | undefined {
  return container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser
}

/** The TCP ports on which a container listens, as far as its manifest tells: those that it declares and those that are probed. */
export function portsOf(container: Container): readonly number[] {
  const declared = (container.ports ?? [])
    .filter(({ protocol }) => protocol === undefined || protocol === 'TCP')
    .map(({ containerPort }) => containerPort)
  const probed = [container.livenessProbe, container.readinessProbe, container.startupProbe].flatMap((probe) => [
    probe?.httpGet?.port,
    probe?.tcpSocket?.port,
    probe?.grpc?.port,
  ])
  return [...declared, ...probed].filter((port) => typeof port === 'number')
}

export function runsOnWindows(spec: PodSpec): boolean {
  return spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows'
}
