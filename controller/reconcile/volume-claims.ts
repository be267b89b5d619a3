// The access modes of volumes that a fork would share with its baseline, asked for one by one: few workloads that are forked have any.

import type { Client } from '../../kubernetes/client.ts'
import { PERSISTENT_VOLUME_CLAIMS } from '../../kubernetes/resources/builtin.ts'
import type { Baseline } from '../sandbox/baseline.ts'
import { type AccessModes, claimsOf } from '../sandbox/shared-claims.ts'
import { place } from '../view/view.ts'

/** They never change; only a claim that is made anew has others. */
const KEPT_MS = 600_000
const MOST = 1000

export class VolumeClaims {
  readonly #client: Client
  readonly #known = new Map<string, { readonly modes: readonly string[]; readonly until: number }>()

  constructor(client: Client) {
    this.#client = client
  }

  async of(
    namespace: string,
    baselines: readonly (Baseline | undefined)[],
    now: number,
    signal: AbortSignal,
  ): Promise<AccessModes> {
    const names = baselines.flatMap((each) => (each === undefined ? [] : claimsOf(each.template.spec)))
    const found = new Map<string, readonly string[]>()
    for (const name of names) found.set(name, await this.#modes(namespace, name, now, signal))
    return found
  }

  async #modes(namespace: string, name: string, now: number, signal: AbortSignal): Promise<readonly string[]> {
    const at = place(namespace, name)
    const known = this.#known.get(at)
    if (known !== undefined && known.until > now) return known.modes
    const claim = await this.#client.find(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, signal)
    const modes = claim?.spec?.accessModes ?? []
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(at, { modes, until: now + KEPT_MS })
    return modes
  }
}
