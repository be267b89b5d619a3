// Decides what injection does to a pod: the JSON patch that gives it a sidecar, or the reason why it gets none.

import { INJECT, INJECTED, REFUSED, SIDECAR_NAME } from '../../core/annotations.ts'
import { VERSION } from '../../runtime/version.ts'
import { findObstacle, findSidecar, findVolumeObstacle, othersThan } from './obstacle.ts'
import type { Pod } from './pod.ts'
import { sidecarContainer, type SidecarTemplate, sidecarVolume } from './sidecar-container.ts'

/** RFC 6902, as far as it is needed. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

export type Injection =
  /** It did not ask, or has its sidecar. */
  | { readonly outcome: 'ignored' | 'unchanged' }
  | { readonly outcome: 'injected'; readonly patch: readonly PatchOperation[] }
  /** The patch writes the reason to the pod, and takes away a sidecar that a later webhook's containers made impossible. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly patch: readonly PatchOperation[] }

/** `uid`: the user for this pod's sidecar, or why there is none. Applied to its own result it changes nothing. */
export function decideInjection(pod: Pod, template: SidecarTemplate, uid: number | { reason: string }): Injection {
  const asked = pod.metadata?.annotations?.[INJECT]
  if (asked === undefined || asked === 'false') return { outcome: 'ignored' }
  if (typeof uid === 'object') return refuse(pod, uid.reason)
  const sidecar = findSidecar(pod)
  const injected = sidecar !== -1 && pod.metadata?.annotations?.[INJECTED] !== undefined
  const obstacle = findObstacle(pod, othersThan(pod, injected ? sidecar : -1), uid)
  if (injected) return obstacle === undefined ? { outcome: 'unchanged' } : refuse(pod, obstacle, sidecar)
  const reason = obstacle ?? findVolumeObstacle(pod)
  if (reason !== undefined) return refuse(pod, reason)
  const container = sidecarContainer(template, uid, pod.spec?.resources !== undefined)
  return {
    outcome: 'injected',
    patch: [
      pod.spec?.initContainers === undefined
        ? { op: 'add', path: '/spec/initContainers', value: [container] }
        : { op: 'add', path: '/spec/initContainers/0', value: container },
      pod.spec?.volumes === undefined
        ? { op: 'add', path: '/spec/volumes', value: [sidecarVolume()] }
        : { op: 'add', path: '/spec/volumes/-', value: sidecarVolume() },
      annotate(INJECTED, VERSION),
    ],
  }
}

function refuse(pod: Pod, reason: string, sidecar?: number): Injection {
  const patch: PatchOperation[] = [annotate(REFUSED, reason)]
  if (sidecar !== undefined) {
    patch.push({ op: 'remove', path: `/spec/initContainers/${sidecar}` }, { op: 'remove', path: pointer(INJECTED) })
    const volume = (pod.spec?.volumes ?? []).findIndex(({ name }) => name === SIDECAR_NAME)
    if (volume !== -1) patch.push({ op: 'remove', path: `/spec/volumes/${volume}` })
  }
  return { outcome: 'refused', reason, patch }
}

/** The pod has annotations: it asked by one. */
function annotate(name: string, value: string): PatchOperation {
  return { op: 'add', path: pointer(name), value }
}

/** RFC 6901, section 3. */
function pointer(annotation: string): string {
  return `/metadata/annotations/${annotation.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
