// `--once`: starts the shop, takes the tour, prints its table, and says whether every hop went where it must.

import { createGuide } from './guide.ts'
import type { DemoOptions } from './options.ts'
import type { Paint } from './paint.ts'
import { drawTour, type Visit } from './picture.ts'
import { HOST } from './plan.ts'
import { startShop } from './shop.ts'
import { check, TOUR } from './tour.ts'

/** Resolves with the exit code; rejects with a ShopError if the shop cannot start. */
export async function runOnce(options: DemoOptions, paint: Paint, signal: AbortSignal): Promise<number> {
  const began = performance.now()
  const guide = createGuide()
  const deaths: string[] = []
  const complaints: string[] = []
  const shop = await startShop({
    ...options,
    signal,
    onSpan: (span) => guide.add(span),
    onNews: () => {},
    onErrorLine: (label, line) => complaints.push(`${label}: ${line}`),
    onDeath: (label, how) => deaths.push(`${label} ${how}`),
  })
  try {
    const up = performance.now()
    const url = `http://${HOST}:${shop.plan[0]?.listen}/`
    const visits: Visit[] = []
    for (const stop of TOUR) {
      if (signal.aborted) return 130
      // Twice: both must be right, and the time of the second is that of processes which have warmed up.
      const cold = check(stop, await guide.visit(stop, url))
      const outcome = await guide.visit(stop, url)
      visits.push({ stop, outcome, faults: [...new Set([...cold, ...check(stop, outcome)])] })
    }
    const good = visits.filter(({ faults }) => faults.length === 0).length
    const ok = good === TOUR.length && deaths.length === 0
    console.log(drawTour(visits, paint))
    console.log()
    for (const death of deaths) console.log(paint('red', `${death}, in the middle of the tour`))
    // Parts may complain about the forks that are meant to be down; that is of interest only if something went wrong.
    if (!ok) for (const line of complaints.slice(-20)) console.error(line)
    console.log(
      `${paint(ok ? 'green' : 'red', `${good} of ${TOUR.length} requests went where they must`)} ${paint(
        'dim',
        `(up in ${seconds(up - began)}, tour in ${seconds(performance.now() - up)})`,
      )}`,
    )
    return ok ? 0 : 1
  } finally {
    await shop.stop()
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
