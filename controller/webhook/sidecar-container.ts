// The sidecar's container and volume as the webhook puts them into a pod: what Pod Security `restricted` asks for, and no more rights.

import { SIDECAR_NAME } from '../../core/annotations.ts'
import { SIDECAR_FOLDER, SIDECAR_FOLDER_LIMIT, WAIT_COMMAND } from '../../core/interception.ts'

/** Quantities by resource name: `{"cpu": "10m", "memory": "64Mi"}`. */
export type Quantities = Readonly<Record<string, string>>

export interface SidecarTemplate {
  readonly image: string
  /** As in the sidecar's setting `SIDETRACK_CARRIERS`. */
  readonly carriers: string
  readonly requests: Quantities
  readonly limits: Quantities
}

/** The ServiceAccount admission plugin mounts the API token into every container that has nothing mounted here. */
const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** `sharesPod`: the pod has resources of its own (KEP-2837), which the sum of its containers' must not exceed. */
export function sidecarContainer(template: SidecarTemplate, uid: number, sharesPod: boolean): object {
  return {
    name: SIDECAR_NAME,
    image: template.image,
    // A native sidecar (KEP-753): runs before the other containers, beside them, and ends after them, so that a Job completes.
    restartPolicy: 'Always',
    env: [
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'SIDETRACK_SIDECAR', value: '$(POD_NAMESPACE)/$(POD_NAME)' },
      { name: 'SIDETRACK_MODE', value: 'intercept' },
      { name: 'SIDETRACK_CACHE', value: SIDECAR_FOLDER },
      { name: 'SIDETRACK_CARRIERS', value: template.carriers },
    ],
    ...(sharesPod ? {} : { resources: { requests: template.requests, limits: template.limits } }),
    lifecycle: { postStart: { exec: { command: WAIT_COMMAND } } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: uid,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // Its last lines of log say why it ended; it writes no message of its own.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: SIDECAR_NAME, mountPath: SIDECAR_FOLDER },
      { name: SIDECAR_NAME, mountPath: TOKEN_FOLDER, readOnly: true },
    ],
  }
}

/**
 * Memory, since a full memory volume only fails the write, while the kubelet evicts a pod whose volume on disk outgrows its limit, and the
 * cluster autoscaler keeps a node for the sake of a pod's volume on disk.
 */
export function sidecarVolume(): object {
  return { name: SIDECAR_NAME, emptyDir: { medium: 'Memory', sizeLimit: SIDECAR_FOLDER_LIMIT } }
}
