// The cluster that a command talks to, chosen as kubectl chooses it.

import { Client } from '../kubernetes/client.ts'
import { KUBERNETES_SETTINGS, findCredentials } from '../kubernetes/credentials/find.ts'
import { kubeconfigCredentials } from '../kubernetes/credentials/kubeconfig.ts'
import { readConfig } from '../runtime/config.ts'

/** Given anywhere on the command line. */
export interface ClusterOptions {
  readonly namespace?: string
  readonly context?: string
  readonly kubeconfig?: string
}

export interface Cluster {
  readonly client: Client
  /** Where to look if an object does not say. */
  readonly namespace: string
}

/** Throws ST3012 if there is no kubeconfig or no such context in it. Nothing is sent yet. `fieldManager` owns what is applied. */
export async function connect(
  { namespace, context, kubeconfig }: ClusterOptions,
  fieldManager = 'sidetrack-cli',
): Promise<Cluster> {
  const credentials =
    kubeconfig === undefined
      ? await findCredentials(readConfig(KUBERNETES_SETTINGS), context)
      : await kubeconfigCredentials({ file: kubeconfig, context })
  return { client: new Client(credentials, fieldManager), namespace: namespace ?? credentials.namespace }
}
