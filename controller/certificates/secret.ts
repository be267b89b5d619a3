// The webhook's identities in a Secret, and their authorities in its configuration: the keeper's store in the cluster, and what happens in it.

import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { type ReflectorHandler, startReflector } from '../../kubernetes/reflector.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import {
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type MutatingWebhookConfiguration,
  type Secret,
  SECRETS,
} from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { Log } from '../../runtime/log.ts'
import type { CertificateKeeper, CertificateStore, StoredIdentities } from './keeper.ts'

export interface CertificatePlaces {
  readonly secret: { readonly namespace: string; readonly name: string }
  /** The MutatingWebhookConfiguration, all of whose webhooks are served by this program. */
  readonly configuration: string
}

export function certificateStore(client: Client, places: CertificatePlaces): CertificateStore {
  const { secret, configuration } = places
  return {
    async save(data, resourceVersion, signal) {
      const metadata = { ...secret, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
      const object: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, data }
      try {
        const saved = await (resourceVersion === undefined
          ? client.create(SECRETS, object, signal)
          : client.replace(SECRETS, object, signal))
        return storedOf(saved)
      } catch (error) {
        // Changed, or made, or removed by somebody else meanwhile.
        if (error instanceof KubernetesError && (error.code === 'ST3006' || error.code === 'ST3005')) return undefined
        throw error
      }
    },
    async trust(bundle, signal) {
      const clientConfig = { caBundle: Buffer.from(bundle).toString('base64') }
      const found = await client.get(MUTATING_WEBHOOK_CONFIGURATIONS, { name: configuration }, signal)
      const webhooks = found.webhooks?.map(({ name }) => ({ name, clientConfig })) ?? []
      const object = { metadata: { name: configuration }, webhooks }
      await client.apply(MUTATING_WEBHOOK_CONFIGURATIONS, object, { force: true }, signal)
    },
  }
}

/** Tells the keeper what is in both places, from now until the signal aborts. */
export async function followCertificates(
  client: Client,
  places: CertificatePlaces,
  keeper: CertificateKeeper,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { secret, configuration } = places
  const secrets = only<Secret>((object) => keeper.stored(object === undefined ? undefined : storedOf(object)))
  const configurations = only<MutatingWebhookConfiguration>((object) => {
    const bundles = new Set(object?.webhooks?.map(({ clientConfig }) => clientConfig.caBundle ?? ''))
    const [bundle] = bundles
    // Where they differ, none is trusted by all.
    keeper.announced(bundle === undefined ? undefined : fromBase64(bundles.size === 1 ? bundle : ''))
  })
  const follow = <T extends KubernetesObject>(resource: Resource<T>, handler: ReflectorHandler<T>, name: string) => {
    const where = resource.namespaced ? { namespace: secret.namespace } : {}
    return startReflector(client, resource, { ...where, fieldSelector: `metadata.name=${name}`, log }, handler, signal)
  }
  await Promise.all([
    follow(SECRETS, secrets, secret.name).done,
    follow(MUTATING_WEBHOOK_CONFIGURATIONS, configurations, configuration).done,
  ])
}

/** Hears of the one object that is followed, or that there is none. */
function only<T>(hear: (object: T | undefined) => void): ReflectorHandler<T> {
  return {
    replaced: ([object]) => hear(object),
    put: (object) => hear(object),
    removed: () => hear(undefined),
    bookmark() {},
  }
}

function storedOf({ data, metadata }: Secret): StoredIdentities {
  return { data: data ?? {}, resourceVersion: metadata.resourceVersion ?? '' }
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString()
}
