// The annotations of a pod template that opt its pods in.

import { INBOUND, INJECT } from '../../core/annotations.ts'

export interface OptIn {
  /** Calls to the pods are routed as well. */
  readonly inbound?: boolean
}

/** In the order in which they are written. */
export function annotationsFor({ inbound = false }: OptIn): readonly (readonly [name: string, value: string])[] {
  return [[INJECT, 'true'] as const, ...(inbound ? [[INBOUND, 'true'] as const] : [])]
}

export const OPT_IN_NAMES: readonly string[] = [INJECT, INBOUND]
