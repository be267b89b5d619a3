// Pricing says what things cost, in cents: `GET /prices?sku=tea&sku=tea&sku=cup`, one `sku` per piece.

import { runService } from './program.ts'
import type { Service } from './service.ts'

export interface Price {
  readonly sku: string
  readonly quantity: number
  readonly each: number
  readonly sum: number
}

const CENTS: Readonly<Record<string, number>> = { tea: 1250, cup: 1400, pot: 4900 }

export const pricing: Service = {
  name: 'pricing',
  calls: [],
  get: {
    '/prices': (url) => ({
      prices: [...countEach(url.searchParams.getAll('sku'))].map(([sku, quantity]) => price(sku, quantity)),
    }),
  },
}

function price(sku: string, quantity: number): Price {
  const each = CENTS[sku] ?? 0
  return { sku, quantity, each, sum: each * quantity }
}

function countEach(skus: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const sku of skus) counts.set(sku, (counts.get(sku) ?? 0) + 1)
  return counts
}

if (import.meta.main) await runService(pricing)
