// `npm start`: the demo shop behind Sidetrack on this machine.

import { runLive } from './live.ts'
import { runOnce } from './once.ts'
import { readOptions, USAGE } from './options.ts'
import { paintFor } from './paint.ts'
import { ShopError } from './shop-error.ts'

const options = readOptions(process.argv.slice(2), process.env)
if (typeof options === 'string') {
  console.error(`shop: ${options} (see --help)`)
  process.exit(64)
}
if (options.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const ending = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => ending.abort())
// A reader that has gone (`npm start | head`) is a wish to end, too.
process.stdout.on('error', () => ending.abort())

try {
  const run = options.once ? runOnce : runLive
  process.exitCode = await run(options, paintFor(process.stdout), ending.signal)
} catch (error) {
  if (!(error instanceof ShopError)) throw error
  console.error(ending.signal.aborted ? 'shop: stopped before it was ready' : `shop: ${error.message}`)
  process.exitCode = ending.signal.aborted ? 130 : 1
}
// What is still open here is an idle keep-alive connection at most.
process.exit()
