// The injection webhook as a whole: its certificate, the namespaces' ranges of users, its server.

import type { Client } from '../../kubernetes/client.ts'
import type { Endpoint } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'
import type { Readiness } from '../../runtime/readiness.ts'
import { CertificateKeeper } from '../certificates/keeper.ts'
import { type CertificatePlaces, certificateStore, followCertificates } from '../certificates/secret.ts'
import type { RotationTiming } from '../certificates/rotation.ts'
import type { Metrics } from '../metrics.ts'
import { decideInjection } from './injection.ts'
import { followNamespaceRanges } from './namespace-ranges.ts'
import { startServer, type WebhookServer } from './server.ts'
import type { SidecarTemplate } from './sidecar-container.ts'
import { sidecarUid } from './uid-range.ts'

export interface Webhook {
  /** Rejects when a part cannot go on; resolves when all has ended after the signal. */
  readonly done: Promise<unknown>
  readonly server: WebhookServer
}

export interface WebhookOptions {
  readonly endpoint: Endpoint
  readonly template: SidecarTemplate
  /** The sidecars' user where the platform gives none. */
  readonly uid: number
  readonly places: CertificatePlaces
  /** By which the API server calls it. */
  readonly names: readonly string[]
  readonly rotation: RotationTiming
}

/** Resolves when it listens, which needs the API server once. Throws ST2004 if it cannot listen. */
export async function startWebhook(
  options: WebhookOptions,
  client: Client,
  { readiness, metrics, log }: { readonly readiness: Readiness; readonly metrics: Metrics; readonly log: Log },
  signal: AbortSignal,
): Promise<Webhook> {
  readiness.pending('certificate', 'the webhook has no certificate yet')
  readiness.pending('trust', "the webhook's configuration does not have its authority yet")
  readiness.pending('namespaces', 'the namespaces are not known yet')
  const { template, uid, places, names, rotation } = options

  const ranges = followNamespaceRanges(client, log, signal)
  void ranges.synced.then(() => readiness.done('namespaces'))

  const started = Promise.withResolvers<WebhookServer>()
  let server: Promise<WebhookServer> | undefined
  const parts: Parameters<typeof startServer>[2] = {
    inject: ({ namespace, pod }) =>
      pod === undefined
        ? { outcome: 'ignored' }
        : decideInjection(pod, template, sidecarUid(ranges.of(namespace), uid)),
    log,
    answered: (injection, seconds) => metrics.answered(injection, seconds),
    handshakeFailed: () => metrics.handshakeFailed(),
  }
  const keeper = new CertificateKeeper(
    names,
    certificateStore(client, places),
    rotation,
    log,
    ({ identity, trusted }) => {
      metrics.certificateEnds(identity.to)
      readiness.done('certificate')
      if (trusted) readiness.done('trust')
      if (server === undefined) {
        server = startServer(options.endpoint, identity, parts)
        server.then(started.resolve, started.reject)
      } else void server.then((each) => each.serve(identity))
    },
  )

  const done = Promise.all([ranges.done, keeper.run(signal), followCertificates(client, places, keeper, log, signal)])
  // Ends without a server only if the signal aborts before there is a certificate, or a part fails.
  const end = done.then(() => {
    throw signal.reason
  })
  return { server: await Promise.race([started.promise, end]), done }
}
