// Storefront shows the shop's page: `GET /`, the cart with its total, and the path that the request took.

import type { Cart } from './cart.ts'
import { runService } from './program.ts'
import type { Service } from './service.ts'

export const storefront: Service = {
  name: 'storefront',
  calls: ['cart'],
  get: {
    '/': async (_url, upstream) => {
      const { lines, total } = await upstream.get<Cart>('cart', '/cart')
      return {
        cart: lines.map(({ title, quantity, sum }) => ({ title, quantity, price: euros(sum) })),
        total: euros(total),
      }
    },
  },
}

function euros(cents: number): string {
  return `${(cents / 100).toFixed(2)} EUR`
}

if (import.meta.main) await runService(storefront)
