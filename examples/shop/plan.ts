// What the shop consists of: which program runs as which variant of which service, on which port.

export interface Run {
  readonly service: string
  /** `baseline`, or the routing key of the fork. */
  readonly variant: string
  /** The file in `services/`, without its ending. */
  readonly program: string
  readonly port: number
}

export interface ServicePlan {
  readonly name: string
  /** Where its sidecar takes calls for it. */
  readonly listen: number
  readonly runs: readonly Run[]
  /** Keys that have a route and no process that could answer, and why. */
  readonly missing: readonly { readonly key: string; readonly why: string; readonly port?: number }[]
}

export const HOST = '127.0.0.1'

/** The shop with every port moved up by `offset`. Agrees with shop.yaml; a test sees to it. */
export function planShop(offset: number): readonly ServicePlan[] {
  const run = (service: string, variant: string, port: number): Run => ({
    service,
    variant,
    program: variant === 'baseline' ? service : `${service}-${variant}`,
    port: port + offset,
  })
  return [
    { name: 'storefront', listen: 7000 + offset, runs: [run('storefront', 'baseline', 8000)], missing: [] },
    {
      name: 'cart',
      listen: 7001 + offset,
      runs: [run('cart', 'baseline', 8001), run('cart', 'pr-42', 8101)],
      missing: [{ key: 'pr-99', why: 'down', port: 8199 + offset }],
    },
    {
      name: 'pricing',
      listen: 7002 + offset,
      runs: [run('pricing', 'baseline', 8002), run('pricing', 'pr-57', 8102)],
      missing: [
        { key: 'pr-13', why: 'not ready' },
        { key: 'pr-21', why: 'not ready, falls back' },
      ],
    },
    { name: 'catalog', listen: 7003 + offset, runs: [run('catalog', 'baseline', 8003)], missing: [] },
  ]
}

/** Every port that must be free before the shop starts, and whose it will be. */
export function portsOf(plan: readonly ServicePlan[]): ReadonlyMap<number, string> {
  const ports = new Map<number, string>()
  for (const service of plan) {
    ports.set(service.listen, `the sidecar of ${service.name}`)
    for (const run of service.runs) ports.set(run.port, labelOf(run))
    for (const { key, port } of service.missing) {
      if (port !== undefined) ports.set(port, `${service.name}[${key}], which must be down`)
    }
  }
  return ports
}

export function labelOf(run: Run): string {
  return `${run.service}[${run.variant}]`
}

/** What a service's process finds in its environment: the same as in a container, with sidecars for upstreams. */
export function environmentOf(run: Run, plan: readonly ServicePlan[]): Readonly<Record<string, string>> {
  const urls = plan.map(({ name, listen }) => [`${name.toUpperCase()}_URL`, `http://${HOST}:${listen}`] as const)
  return { HOST, PORT: String(run.port), NAME: run.service, VARIANT: run.variant, ...Object.fromEntries(urls) }
}

/** The text of a routes file with every port moved up by `offset`. */
export function shiftPorts(routes: string, offset: number): string {
  return routes.replaceAll(
    /\b(127\.0\.0\.1:)(\d+)\b/g,
    (_, host: string, port: string) => `${host}${Number(port) + offset}`,
  )
}
