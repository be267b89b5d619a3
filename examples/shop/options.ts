// What the demo is told: by its command line, and by its environment where that is convenient for tests.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export interface DemoOptions {
  readonly help: boolean
  /** Take the tour and end, rather than wait for the user's requests. */
  readonly once: boolean
  readonly routes: string
  readonly portOffset: number
}

export const USAGE = `Runs the demo shop behind Sidetrack on this machine.

Usage: npm start [-- OPTIONS]

  --once           send the tour, print who answered, exit 0 if every hop went where it must
  --routes FILE    another routes file than examples/shop/shop.yaml
  --help           this text

Environment:
  SHOP_PORT_OFFSET=N   add N to every port (they are 7000-7003, 8000-8003, 8101, 8102 and 8199)
  NO_COLOR=1           no colours
`

/** The highest port of the shop, 8199, must stay one. */
const MAX_OFFSET = 65_535 - 8199

/** The options, or a line that says what is wrong with them. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions | string {
  const offset = env['SHOP_PORT_OFFSET'] ?? '0'
  if (!/^\d{1,5}$/.test(offset) || Number(offset) > MAX_OFFSET) {
    return `SHOP_PORT_OFFSET must be a number from 0 to ${MAX_OFFSET}, and is "${offset}"`
  }
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, once: { type: 'boolean' }, routes: { type: 'string' } },
    })
    const { help = false, once = false, routes = defaultRoutes() } = values
    return { help, once, routes, portOffset: Number(offset) }
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('. ', 1)[0] ?? ''
  }
}

/** shop.yaml lies beside the source, not beside what the compiler makes of it in dist/. */
function defaultRoutes(): string {
  const beside = fileURLToPath(new URL('./shop.yaml', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../../examples/shop/shop.yaml', import.meta.url))
}
