// Whether a cluster is one that Sidetrack works in.

import type { Node } from '../../kubernetes/resources/builtin.ts'
import { type Link, broken, holds, unseen, warned } from '../explain/link.ts'
import { otherInstallations } from '../install/obstacles.ts'
import { clockLinks } from './clock-links.ts'
import type { ClusterFacts } from './facts.ts'

/** NAT in nftables tables of both families, and sets with timeouts. */
const LEAST_KERNEL = [5, 2] as const

/** Native sidecars, ValidatingAdmissionPolicy and matchConditions are all there. */
const LEAST_MINOR = 33

export function clusterLinks(facts: ClusterFacts): readonly Link[] {
  return [
    versionLink(facts),
    rightsLink(facts),
    ...nodeLinks(facts),
    othersLink(facts),
    ...meshLinks(facts),
    ...ciliumLinks(facts),
    ...clockLinks(facts.clocks),
  ]
}

function versionLink({ version: { major, minor } }: ClusterFacts): Link {
  const text = `the API server is Kubernetes ${major}.${minor}`
  if (Number(major) > 1 || Number.parseInt(minor, 10) >= LEAST_MINOR) return holds(text)
  return broken(
    `${text}, older than 1.${LEAST_MINOR}`,
    `upgrade the cluster: native sidecars are there since 1.${LEAST_MINOR}`,
  )
}

function rightsLink({ missingRights }: ClusterFacts): Link {
  if (missingRights.length === 0) return holds('you have the rights that are needed')
  return broken('rights are missing', 'ask for them, or have somebody do it who has them', missingRights)
}

function nodeLinks({ nodes }: ClusterFacts): readonly Link[] {
  if (nodes === undefined) return [unseen('nodes')]
  const linux = nodes.filter((node) => info(node)?.operatingSystem !== 'windows')
  const old = linux.filter((node) => !(minorOf(info(node)?.kubeletVersion) >= LEAST_MINOR))
  const kernels = [...new Set(linux.map((node) => info(node)?.kernelVersion ?? 'unknown'))].toSorted()
  const first =
    old.length === 0
      ? holds(`${linux.length} nodes run kubelets that know native sidecars (kernel ${kernels.join(', ')})`)
      : broken('kubelets are too old for native sidecars', `upgrade them to 1.${LEAST_MINOR}`, old.map(kubeletText))
  const without = linux.filter((node) => isOldKernel(info(node)?.kernelVersion))
  const kernel =
    without.length === 0
      ? []
      : [
          broken(
            `kernels are too old: redirects need nftables as Linux ${LEAST_KERNEL.join('.')} has it`,
            'run nodes with a newer kernel; keep opted-in pods off the others',
            without.map((node) => `${node.metadata.name}: Linux ${info(node)?.kernelVersion ?? 'unknown'}`),
          ),
        ]
  if (linux.length === nodes.length) return [first, ...kernel]
  return [
    first,
    ...kernel,
    warned('nodes run Windows: the calls of their pods are not routed', 'keep callers of forked Services on Linux'),
  ]
}

function info({ status }: Node) {
  return status?.nodeInfo
}

/** Of `5.15.0-1053-gke` the first two numbers count; what says nothing is not held against it. */
function isOldKernel(version = ''): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined) return false
  const [leastMajor, leastMinor] = LEAST_KERNEL
  return Number(major) < leastMajor || (Number(major) === leastMajor && Number(minor) < leastMinor)
}

function kubeletText(node: Node): string {
  return `${node.metadata.name}: kubelet ${info(node)?.kubeletVersion ?? 'unknown'}`
}

/** `v1.33.2+k3s1` → 33. */
function minorOf(version = ''): number {
  return Number(/^v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN)
}

function othersLink({ webhooks }: ClusterFacts): Link {
  if (webhooks === undefined) return unseen('webhook configurations')
  const others = otherInstallations(webhooks)
  if (others.length === 0) return holds('there is no second installation')
  return broken('there is a second installation: pods would get two sidecars', 'remove one of them', others)
}

function meshLinks({ namespaces }: ClusterFacts): readonly Link[] {
  const found = (namespaces ?? []).filter((name) => name === 'istio-system' || name === 'linkerd')
  return found.map((name) => {
    const mesh = name === 'linkerd' ? 'Linkerd' : 'Istio'
    return warned(
      `${mesh} is in the cluster`,
      `do not opt in pods that have a proxy of ${mesh}: what it encrypts cannot be routed by its key`,
    )
  })
}

function ciliumLinks({ cilium }: ClusterFacts): readonly Link[] {
  if (cilium === null || cilium === undefined) return []
  const sockets = cilium['bpf-lb-sock'] === 'true' || cilium['kube-proxy-replacement'] === 'true'
  const alone = cilium['bpf-lb-sock-hostns-only'] === 'true'
  if (!sockets || alone) return [holds("Cilium leaves Services' addresses to the pods' own network")]
  return [
    warned(
      "Cilium's socket load balancing takes Services' addresses away before they can be redirected",
      'set socketLB.hostNamespaceOnly=true in Cilium, or sidetrack.dev/intercept: endpoints on the callers',
    ),
  ]
}
