// The credentials of a program of Sidetrack's own: its pod's service account, or the kubeconfig of the person who runs it.

import type { Credentials } from './credentials.ts'
import { inClusterCredentials, SERVICE_ACCOUNT_DIRECTORY } from './in-cluster.ts'
import { kubeconfigCredentials } from './kubeconfig.ts'

/** Set by the kubelet in every pod. */
export const API_SERVER_SETTINGS = {
  apiHost: {
    name: 'KUBERNETES_SERVICE_HOST',
    doc: "the API server's address; Kubernetes sets it in pods. Elsewhere the kubeconfig says where it is",
    fallback: '',
    parse: (text: string) => text,
  },
  apiPort: {
    name: 'KUBERNETES_SERVICE_PORT',
    doc: "the API server's port; Kubernetes sets it in pods",
    fallback: '443',
    parse: (text: string) => text,
  },
} as const

/** Throws ST3012 if there are none. */
export async function programCredentials(config: {
  readonly apiHost: string
  readonly apiPort: string
}): Promise<Credentials> {
  const { apiHost: host, apiPort: port } = config
  if (host === '') return kubeconfigCredentials({})
  return inClusterCredentials({ host, port, directory: SERVICE_ACCOUNT_DIRECTORY })
}
