// Catalog knows what the shop sells: `GET /products?sku=tea&sku=cup`.

import { runService } from './program.ts'
import type { Service } from './service.ts'

export interface Product {
  readonly sku: string
  readonly title: string
}

const TITLES: Readonly<Record<string, string>> = {
  tea: 'Darjeeling first flush, 100 g',
  cup: 'Cup, blue glaze',
  pot: 'Iron teapot, 0.8 l',
}

export const catalog: Service = {
  name: 'catalog',
  calls: [],
  get: {
    '/products': (url) => ({
      products: url.searchParams.getAll('sku').map((sku): Product => ({ sku, title: TITLES[sku] ?? sku })),
    }),
  },
}

if (import.meta.main) await runService(catalog)
