// Follows one Sandbox and the pods of its forks.

import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import { type ReflectorHandler, startReflector } from '../../kubernetes/reflector.ts'
import { PODS, type Pod } from '../../kubernetes/resources/builtin.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { Log } from '../../runtime/log.ts'

export interface Followed {
  /** Undefined once it is gone. */
  readonly sandbox: Sandbox | undefined
  /** Undefined before they are known, and if they may not be looked at. */
  readonly pods: readonly Pod[] | undefined
}

/** Failures that the next try does not mend. */
const FINAL: ReadonlySet<string> = new Set(['ST3002', 'ST3003', 'ST3004', 'ST3011', 'ST3012', 'ST3013'])

/**
 * Calls `heard` with each change, and `lost` if the Sandbox cannot be followed at all; other failures of connections are got over. Ends with
 * the signal. Without the right to see pods it goes on without them.
 */
export function followSandbox(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  heard: (followed: Followed) => void,
  lost: (error: KubernetesError) => void,
  signal: AbortSignal,
): void {
  let sandbox: Sandbox | undefined
  let listed = false
  let pods: ReadonlyMap<string, Pod> | undefined
  const tell = () => {
    if (listed) heard({ sandbox, pods: pods === undefined ? undefined : [...pods.values()] })
  }
  const own: ReflectorHandler<Sandbox> = {
    replaced: ([first]) => {
      sandbox = first
      listed = true
      tell()
    },
    put: (object) => {
      sandbox = object
      tell()
    },
    removed: () => {
      sandbox = undefined
      tell()
    },
    bookmark: () => {},
  }
  const ofPods: ReflectorHandler<Pod> = {
    replaced: (objects) => {
      pods = new Map(objects.map((pod) => [pod.metadata.name, pod]))
      tell()
    },
    put: (pod) => {
      pods = new Map(pods).set(pod.metadata.name, pod)
      tell()
    },
    removed: (pod) => {
      pods = new Map([...(pods ?? [])].filter(([each]) => each !== pod.metadata.name))
      tell()
    },
    bookmark: () => {},
  }
  const ofName = { namespace, fieldSelector: `metadata.name=${name}`, log: onFailure(lost) }
  startReflector(client, SANDBOXES, ofName, own, signal).done.catch(() => {})
  const withoutPods = new AbortController()
  const ofSandbox = {
    namespace,
    labelSelector: `${SANDBOX_LABEL}=${labelValue(name)}`,
    log: onFailure(() => withoutPods.abort()),
  }
  startReflector(client, PODS, ofSandbox, ofPods, AbortSignal.any([signal, withoutPods.signal])).done.catch(() => {})
}

const quiet = () => {}

/** A reflector tells its log of the first failure of a kind. */
function onFailure(final: (error: KubernetesError) => void): Log {
  const warn: Log['warn'] = ({ err }) => {
    if (err instanceof KubernetesError && FINAL.has(err.code)) final(err)
  }
  return { debug: quiet, info: quiet, warn, error: quiet }
}
