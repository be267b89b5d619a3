// Without `--once`: starts the shop, says what runs where and what to try, and shows each request's path as it happens.

import { once } from 'node:events'
import { relative } from 'node:path'
import { readComplaint } from './complaint.ts'
import type { DemoOptions } from './options.ts'
import type { Paint } from './paint.ts'
import { drawPath, drawShop } from './picture.ts'
import type { Span } from './services/span.ts'
import { SIDETRACK, startShop } from './shop.ts'
import { Traces } from './traces.ts'

/** Resolves with the exit code when the user ends it or it cannot go on; rejects with a ShopError if it cannot start. */
export async function runLive(options: DemoOptions, paint: Paint, signal: AbortSignal): Promise<number> {
  const ending = new AbortController()
  const traces = new Traces(beginsPath, ({ root, path }) => {
    const keys = (root.keys ?? 'no key').padEnd(13)
    const painted = paint(root.keys === undefined ? 'dim' : 'cyan', keys)
    say(paint, `${painted}  ${drawPath(path, paint)}`, root.start)
  })
  const shop = await startShop({
    ...options,
    signal,
    onSpan: (span) => traces.add(span),
    onNews: (line) => say(paint, `${paint('green', SIDETRACK)}  ${line}`),
    onErrorLine(label, line) {
      const text = readComplaint(line)
      if (text !== undefined) say(paint, `${paint('yellow', label)}  ${text}`)
    },
    onDeath(label, how) {
      say(paint, paint('red', `${label} ${how}`))
      if (label === SIDETRACK) ending.abort()
    },
  })
  try {
    console.log(drawShop(shop.plan, shown(shop.routes), shop.admin, paint))
    console.log('Requests as they happen (Ctrl-C stops everything):\n')
    const end = AbortSignal.any([signal, ending.signal])
    if (!end.aborted) await once(end, 'abort')
    return ending.signal.aborted ? 1 : 0
  } finally {
    await shop.stop()
    console.log('\nThe shop is closed; nothing of it runs any more.')
  }
}

/** Nobody in the shop calls storefront, so what looks like a parent there is the user's own traceparent. */
function beginsPath(span: Span): boolean {
  return span.kind === 'server' && (span.parentId === undefined || span.service === 'storefront')
}

function say(paint: Paint, text: string, at = Date.now()): void {
  console.log(`${paint('dim', new Date(at).toTimeString().slice(0, 8))}  ${text}`)
}

/** Short where it can be. */
function shown(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
