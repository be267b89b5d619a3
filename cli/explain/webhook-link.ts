// Whether the API server may trust the webhook, and its certificate be trusted now.

import { X509Certificate } from 'node:crypto'
import { type Link, broken, holds, unseen } from './link.ts'
import type { World } from './world.ts'

export function webhookLink({ webhook, now }: Pick<World, 'webhook' | 'now'>): Link {
  if (webhook === undefined) return unseen('the webhook configuration')
  if (webhook === null) return broken('there is no webhook, so new pods get no sidecar', 'sidetrack install --apply')
  const authorities = (webhook.webhooks ?? []).map(({ clientConfig }) => clientConfig.caBundle ?? '')
  if (authorities.some((bundle) => bundle === ''))
    return broken(
      'the API server does not trust the webhook: it has no certificate authority yet',
      'kubectl -n sidetrack-system logs deploy/sidetrack-controller',
    )
  if (authorities.some((bundle) => certificateState(Buffer.from(bundle, 'base64').toString(), now) !== 'valid'))
    return broken(
      "the webhook's certificate authority is not valid now, so new pods get no sidecar",
      'kubectl -n sidetrack-system rollout restart deploy/sidetrack-controller',
    )
  return holds('the webhook gives new pods that ask for it a sidecar')
}

/** `valid` if at least one certificate of the PEM text is; else for the last one since when it is not, or that nothing can be read. */
export function certificateState(pem: string, now: number): string {
  let state = 'unreadable'
  for (const each of pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []) {
    try {
      const { validFromDate, validToDate } = new X509Certificate(each)
      if (validFromDate.getTime() > now) state = `valid from ${validFromDate.toISOString()} on`
      else if (now >= validToDate.getTime()) state = `expired at ${validToDate.toISOString()}`
      else return 'valid'
    } catch {
      // what cannot be read is not valid
    }
  }
  return state
}
