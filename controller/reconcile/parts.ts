// What reconciling needs, put together once for a term of leading.

import type { Client } from '../../kubernetes/client.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { Log } from '../../runtime/log.ts'
import type { Memory } from '../plan/plan.ts'
import type { InForce } from '../programmed/in-force.ts'
import type { SandboxLimits } from '../sandbox/shape.ts'
import type { Neighbourhoods } from '../view/neighbourhoods.ts'
import type { View } from '../view/view.ts'
import type { Claims } from './claims.ts'
import type { Told } from './happenings.ts'
import type { Inquiry } from './inquiry.ts'
import type { VolumeClaims } from './volume-claims.ts'
import type { Written } from './apply.ts'

export interface Parts extends Written {
  readonly client: Client
  readonly log: Log
  readonly view: View
  readonly around: Neighbourhoods
  readonly claims: Claims
  readonly inForce: InForce
  readonly inquiry: Inquiry
  readonly volumes: VolumeClaims
  readonly limits: SandboxLimits
  readonly memory: Memory
  /** Tells people; a failure to do so is logged and no more. */
  readonly tell: (regarding: KubernetesObject, happenings: readonly Told[], signal: AbortSignal) => Promise<void>
  readonly wake: (target: Target) => void
}

/** What is looked at as one. */
export type Target =
  | { readonly kind: 'Sandbox'; readonly mark: string }
  | { readonly kind: 'Table' | 'RouteGroup' | 'Route'; readonly place: string }

export function targetKey(target: Target): string {
  return `${target.kind} ${target.kind === 'Sandbox' ? target.mark : target.place}`
}
