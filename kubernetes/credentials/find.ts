// Which credentials a program uses: a kubeconfig if one is named, else the pod's service account, else the person's kubeconfig.

import type { Config, Settings } from '../../runtime/config.ts'
import type { Credentials } from './credentials.ts'
import { inClusterCredentials } from './in-cluster.ts'
import { kubeconfigCredentials } from './kubeconfig.ts'

/** For the settings of every program that talks to an API server. */
export const KUBERNETES_SETTINGS = {
  kubeconfig: {
    name: 'KUBECONFIG',
    doc: "the kubeconfig to use in place of the pod's service account; without both, ~/.kube/config",
    fallback: '',
    parse: (text: string) => text,
  },
  apiHost: {
    name: 'KUBERNETES_SERVICE_HOST',
    doc: "the API server's address; Kubernetes sets it in pods",
    fallback: '',
    parse: (text: string) => text,
  },
  apiPort: {
    name: 'KUBERNETES_SERVICE_PORT',
    doc: "the API server's port; Kubernetes sets it in pods",
    fallback: '443',
    parse: (text: string) => text,
  },
  serviceAccount: {
    name: 'SIDETRACK_SERVICE_ACCOUNT',
    doc: 'the folder with `token`, `ca.crt` and `namespace` of the service account',
    fallback: '/var/run/secrets/kubernetes.io/serviceaccount',
    parse: (text: string) => text,
  },
} as const satisfies Settings

export type KubernetesConfig = Config<typeof KUBERNETES_SETTINGS>

/** Throws ST3012 if there are none. `context` is one of the kubeconfig's; a person names it, programs in pods do not. */
export function findCredentials(config: KubernetesConfig, context?: string): Promise<Credentials> {
  const { kubeconfig, apiHost, apiPort, serviceAccount } = config
  if (kubeconfig === '' && apiHost !== '' && context === undefined)
    return Promise.try(inClusterCredentials, { host: apiHost, port: apiPort, directory: serviceAccount })
  return kubeconfigCredentials({ file: kubeconfig === '' ? undefined : kubeconfig, context })
}
