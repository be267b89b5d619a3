// Why a pod that asks for a sidecar cannot have one: the first obstacle, in words that say what to change.

import { INJECT, SIDECAR_NAME } from '../../core/annotations.ts'
import { AGENT_PORT, FIRST_INBOUND_PORT, INBOUND_PORTS, INTERCEPT_PORT } from '../../core/interception.ts'
import { type Container, containersOf, type Pod, portsOf, runsOnWindows, userOf } from './pod.ts'

/** The annotation of a static pod's image on the API server; its containers come from a file on the node. */
const MIRROR = 'kubernetes.io/config.mirror'

/** One sentence or two of at most 200 characters; undefined if nothing is in the way. `others` are all containers but the sidecar. */
export function findObstacle(pod: Pod, others: readonly Container[], uid: number): string | undefined {
  const spec = pod.spec ?? {}
  const asked = pod.metadata?.annotations?.[INJECT]
  if (asked !== 'true') return `the annotation ${INJECT} is ${quote(asked)}. Write "true".`
  if (pod.metadata?.annotations?.[MIRROR] !== undefined) return 'it is a static pod, which its node runs from a file.'
  if (spec.hostNetwork === true) return "it uses its node's network (hostNetwork), where Sidetrack redirects nothing."
  if (runsOnWindows(spec)) return 'it runs on Windows; Sidetrack redirects on Linux only.'
  for (const container of others) {
    const name = container.name ?? ''
    if (name === SIDECAR_NAME) return `it has a container named ${SIDECAR_NAME} of its own. Rename it.`
    if (userOf(container, spec) === uid)
      return `container ${name} runs as uid ${uid}, which is the sidecar's and never redirected. Use another user.`
    const port = portsOf(container).find(isTaken)
    if (port !== undefined) return `container ${name} uses port ${port}, which the sidecar needs. Use another port.`
  }
  return undefined
}

/** The obstacle of a volume that has the sidecar's name, before the sidecar has brought its own. */
export function findVolumeObstacle(pod: Pod): string | undefined {
  const taken = pod.spec?.volumes?.some(({ name }) => name === SIDECAR_NAME) === true
  return taken ? `it has a volume named ${SIDECAR_NAME} of its own. Rename it.` : undefined
}

/** Where the sidecar is among the init containers if this pod has one already; -1 if not. */
export function findSidecar(pod: Pod): number {
  return (pod.spec?.initContainers ?? []).findIndex(
    ({ name, restartPolicy }) => name === SIDECAR_NAME && restartPolicy === 'Always',
  )
}

/** All containers but the one at this place among the init containers. */
export function othersThan(pod: Pod, sidecar: number): readonly Container[] {
  return containersOf(pod.spec ?? {}).filter((_, index) => index !== sidecar)
}

function isTaken(port: number): boolean {
  return (
    port === INTERCEPT_PORT ||
    port === AGENT_PORT ||
    (port >= FIRST_INBOUND_PORT && port < FIRST_INBOUND_PORT + INBOUND_PORTS)
  )
}

function quote(text: string | undefined): string {
  return JSON.stringify(text !== undefined && text.length > 40 ? `${text.slice(0, 40)}…` : (text ?? ''))
}
