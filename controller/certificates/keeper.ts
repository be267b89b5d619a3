// Keeps the webhook's certificate valid and trusted: carries out the plan whenever the Secret, the configuration or the clock changes it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../runtime/log.ts'
import { type Identity, readIdentities, type SecretData, writeIdentities } from './identity.ts'
import { mintIdentity } from './mint.ts'
import { type CertificatePlan, planCertificates, type RotationTiming } from './rotation.ts'

/** The Secret as it is. */
export interface StoredIdentities {
  readonly data: SecretData
  readonly resourceVersion: string
}

/** Where identities are kept, and where their authorities are announced. */
export interface CertificateStore {
  /** Puts `data` in the place of what had this resourceVersion, or of nothing; undefined if somebody else was faster. */
  save(
    data: SecretData,
    resourceVersion: string | undefined,
    signal: AbortSignal,
  ): Promise<StoredIdentities | undefined>
  /** Makes this PEM bundle the one that the API server trusts. */
  trust(bundle: string, signal: AbortSignal): Promise<void>
}

export interface Served {
  readonly identity: Identity
  /** The API server's configuration has its authority. */
  readonly trusted: boolean
}

/** The clock is looked at again at least so often, since it may be set. */
const LONGEST_WAIT_MS = 600_000
const RETRY_MS = 2000

const AUTHORITY = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

export class CertificateKeeper {
  readonly #names: readonly string[]
  readonly #store: CertificateStore
  readonly #timing: RotationTiming
  readonly #log: Log
  readonly #serve: (served: Served) => void
  readonly #trustedSince = new Map<string, number>()
  #stored: StoredIdentities | undefined
  #bundle: string | undefined
  #known = false
  #served = ''
  #bell = Promise.withResolvers<void>()

  /** `serve` is called with what is to be served from now on, and again when it has become trusted. */
  constructor(
    names: readonly string[],
    store: CertificateStore,
    timing: RotationTiming,
    log: Log,
    serve: (served: Served) => void,
  ) {
    this.#names = names
    this.#timing = timing
    this.#store = store
    this.#log = log
    this.#serve = serve
  }

  /** What the Secret holds now; undefined if there is none. Until this was said nothing happens. */
  stored(stored: StoredIdentities | undefined): void {
    this.#stored = stored
    this.#known = true
    this.#bell.resolve()
  }

  /** The bundle of the webhook's configuration; undefined if there is no configuration. */
  announced(bundle: string | undefined): void {
    const authorities = new Set((bundle?.match(AUTHORITY) ?? []).map((each) => `${each}\n`))
    for (const authority of this.#trustedSince.keys()) {
      if (!authorities.has(authority)) this.#trustedSince.delete(authority)
    }
    for (const authority of authorities) {
      if (!this.#trustedSince.has(authority)) this.#trustedSince.set(authority, Date.now())
    }
    this.#bundle = bundle
    this.#bell.resolve()
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const end = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => end.resolve(), { once: true })
    while (!signal.aborted) {
      this.#bell = Promise.withResolvers()
      const wait = await this.#step(signal)
      const timer = new AbortController()
      await Promise.race([
        this.#bell.promise,
        end.promise,
        sleep(wait, undefined, { signal: timer.signal }).catch(() => {}),
      ])
      timer.abort()
    }
  }

  /** Resolves with the milliseconds after which it is to be called again. */
  async #step(signal: AbortSignal): Promise<number> {
    if (!this.#known) return LONGEST_WAIT_MS
    const identities = readIdentities(this.#stored?.data ?? {}, this.#names)
    const state = { identities, bundle: this.#bundle ?? '', trustedSince: this.#trustedSince }
    const plan = planCertificates(state, this.#timing, Date.now())
    if (plan.serve !== undefined) this.#announce(plan.serve)
    try {
      if (plan.mint) return await this.#mint(plan, signal)
      if (plan.bundle !== undefined && this.#bundle !== undefined) {
        await this.#store.trust(plan.bundle, signal)
        this.#log.info({ authorities: plan.kept.map(({ id }) => id) }, 'the API server is told whom to trust')
        this.announced(plan.bundle)
      }
      return Math.min(LONGEST_WAIT_MS, plan.again)
    } catch (error) {
      if (!signal.aborted) this.#log.warn({ err: error }, 'the certificate could not be looked after; again soon')
      return RETRY_MS * (1 + Math.random())
    }
  }

  async #mint(plan: CertificatePlan, signal: AbortSignal): Promise<number> {
    const identity = await mintIdentity(this.#names, this.#timing, Date.now())
    const data = writeIdentities([...plan.kept, identity])
    const stored = await this.#store.save(data, this.#stored?.resourceVersion, signal)
    // Whoever was faster made one; the Secret tells.
    if (stored === undefined) return RETRY_MS
    this.#log.info({ identity: identity.id, ends: new Date(identity.to).toISOString() }, 'new certificate')
    this.stored(stored)
    return 0
  }

  #announce(identity: Identity): void {
    const trusted = this.#trustedSince.has(identity.authority)
    const served = `${identity.id} ${trusted}`
    if (served === this.#served) return
    this.#served = served
    this.#log.info({ identity: identity.id, trusted }, 'serving certificate')
    this.#serve({ identity, trusted })
  }
}
