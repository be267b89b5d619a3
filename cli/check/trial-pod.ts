// A pod that asks for a sidecar, as the API server would make it: nothing is made of it, but everything on the way to it is asked.

import { INJECT, REFUSED, SIDECAR_NAME } from '../../core/annotations.ts'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { type Pod, PODS } from '../../kubernetes/resources/builtin.ts'

export type Trial =
  | { readonly came: 'sidecar' }
  /** Why the webhook has refused; undefined if it was not asked, or has not answered. */
  | { readonly came: 'none'; readonly refusal: string | undefined }
  /** The pod itself is not possible here, or not with these rights. */
  | { readonly came: 'error'; readonly why: string }

/** Fit for Pod Security `restricted`, so that nobody else refuses it. */
function trialPod(namespace: string) {
  return {
    metadata: { generateName: 'sidetrack-check-', namespace, annotations: { [INJECT]: 'true' } },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'trial',
          image: 'none',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}

export async function tryPod(client: Client, namespace: string, signal: AbortSignal): Promise<Trial> {
  try {
    return outcomeOf(await client.create(PODS, trialPod(namespace), signal, { dryRun: true }))
  } catch (error) {
    if (error instanceof KubernetesError) return { came: 'error', why: error.message }
    throw error
  }
}

function outcomeOf({ metadata, spec }: Pod): Trial {
  if (spec?.initContainers?.some(({ name }) => name === SIDECAR_NAME) === true) return { came: 'sidecar' }
  return { came: 'none', refusal: metadata.annotations?.[REFUSED] }
}
