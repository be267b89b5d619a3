// Puts the controller together: the webhook, which every replica serves; the lease and what its holder does; the admin server.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../kubernetes/client.ts'
import { startAdmin } from '../runtime/admin.ts'
import type { Config } from '../runtime/config.ts'
import { logPage } from '../runtime/log-page.ts'
import type { LevelledLog } from '../runtime/log.ts'
import { aborted } from '../runtime/program.ts'
import { Readiness } from '../runtime/readiness.ts'
import { VERSION } from '../runtime/version.ts'
import { ROTATION_TIMING, type RotationTiming } from './certificates/rotation.ts'
import type { CONTROLLER_SETTINGS } from './config.ts'
import { campaign, LEASE_TIMING } from './leader.ts'
import { type Metrics, createMetrics } from './metrics.ts'
import { startWebhook } from './webhook/webhook.ts'

/** The names of what manifests/ brings. */
const SERVICE = 'sidetrack-webhook'
const SECRET = 'sidetrack-webhook'
const CONFIGURATION = 'sidetrack'
const LEASE = 'sidetrack-controller'

export interface ControllerParts {
  readonly client: Client
  readonly log: LevelledLog
  /** Runs while this replica leads, until the term's signal aborts. */
  readonly reconcile: (metrics: Metrics, term: AbortSignal) => Promise<void>
  /** Hears where admin and webhook listen. */
  readonly started?: (addresses: { readonly admin: string; readonly webhook: string }) => void
  /** Names of the webhook beside the Service's; none if not given. */
  readonly alsoNamed?: readonly string[]
  readonly rotation?: RotationTiming
}

/**
 * Resolves when the signal has aborted and all is ended: not ready at once and the lease given back, the webhook served for as long as
 * nodes may still lead calls here. Rejects when a part failed that cannot go on.
 */
export async function runController(
  config: Config<typeof CONTROLLER_SETTINGS>,
  { client, log, reconcile, started, alsoNamed = [], rotation = ROTATION_TIMING }: ControllerParts,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = config
  const readiness = new Readiness()
  const metrics = createMetrics()
  const serving = new AbortController()
  const admin = await startAdmin(config.admin, readiness, {
    '/metrics': {
      title: 'Prometheus metrics',
      content: () => metrics.text(),
      type: 'text/plain; version=0.0.4',
      open: true,
    },
    '/log-level': logPage(log),
    '/config': { title: 'the effective configuration', content: () => ({ version: VERSION, ...config }) },
  })
  try {
    const candidate = {
      client,
      lease: { namespace, name: LEASE },
      identity: config.pod,
      timing: LEASE_TIMING,
      log,
      async lead(term: AbortSignal) {
        metrics.leads(true)
        await reconcile(metrics, term).finally(() => metrics.leads(false))
      },
    }
    const leading = campaign(candidate, signal)
    const options = {
      endpoint: config.webhook,
      template: config,
      uid: config.uid,
      places: { secret: { namespace, name: SECRET }, configuration: CONFIGURATION },
      names: [`${SERVICE}.${namespace}.svc`, ...alsoNamed],
      rotation,
    }
    const starting = startWebhook(options, client, { readiness, metrics, log }, serving.signal)
    const end = aborted(signal)
    const webhook = await Promise.race([starting, leading.then(() => undefined), end.then(() => undefined)])
    if (webhook !== undefined) {
      started?.({ admin: admin.address, webhook: webhook.server.address })
      log.info({ admin: admin.address, webhook: webhook.server.address, version: VERSION }, 'controller started')
      await Promise.race([end, leading, webhook.done])
      readiness.pending('end', 'it is about to end')
      webhook.server.drain()
      await Promise.all([leading, sleep(config.drain * 1000)])
      await webhook.server.close()
      serving.abort()
      await webhook.done
    } else await leading
  } finally {
    serving.abort()
    admin.close()
  }
}
