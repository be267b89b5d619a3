// Edits the routes file under load, again and again, and measures how long the traffic takes to move.

import { rename, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bed, withBed } from './bed.ts'
import { type Budget, formatBudget } from './budget.ts'
import { openLoop, type OpenLoopResult, readLog } from './load/open-loop.ts'
import { percentile } from './median.ts'
import { routesFile, withSidetrack } from './peers/sidetrack.ts'
import type { Site } from './peer.ts'
import type { Progress } from './progress.ts'
import type { LoadEntry } from './rule.ts'
import { type Edit, type Switchover, switchovers } from './switchover.ts'
import { formatTable, number, type Row } from './table.ts'
import { findTools } from './tools.ts'

export interface EditResult {
  readonly edits: readonly (Edit & Switchover)[]
  readonly load: OpenLoopResult
}

const KEY = 'pr-42'
/** Requests per second: one each half millisecond is what the answers' times are good to. */
const RATE = 2000
const CONNECTIONS = 64
const FIRST_MS = 500
const EVERY_MS = 200

export async function measureEdits(count: number, signal: AbortSignal, progress: Progress): Promise<EditResult> {
  const tools = findTools(['nginx', 'open-loop', 'taskset'])
  return withBed(tools.nginx, signal, async (bed) => {
    const site = await bed.site([KEY])
    // Three in four requests are of the key that moves; the rest must stay where it is.
    const keyed: LoadEntry = { variant: '*', baggage: `sidetrack=${KEY}` }
    const mix = await bed.writeMix('mix', [keyed, keyed, { variant: 'baseline', baggage: '' }, keyed])
    const log = bed.path('answers')
    const seconds = (FIRST_MS + count * EVERY_MS + 1000) / 1000
    progress(`${count} edits at ${RATE} requests per second, ${seconds} s`)
    return withSidetrack(site, [{ key: KEY, port: bed.upstreams.fork }], async ({ port, file }) => {
      const stop = new AbortController()
      const load = { core: bed.cores.load, port, mix, rate: RATE, seconds, connections: CONNECTIONS, log }
      const sent = openLoop({ ...load, generator: tools['open-loop'], signal: AbortSignal.any([signal, stop.signal]) })
      try {
        const [edits, result] = await Promise.all([edit(bed, site, file, count, signal), sent])
        const requests = (await readLog(log)).filter(({ kind }) => kind !== 2)
        const moved = switchovers(requests, edits)
        return { edits: edits.map(({ at, variant }, index) => join(at, variant, moved[index])), load: result }
      } finally {
        stop.abort()
      }
    })
  })
}

function join(at: number, variant: string, moved: Switchover | undefined): Edit & Switchover {
  return { at, variant, firstNew: moved?.firstNew ?? Number.NaN, lastOld: moved?.lastOld ?? Number.NaN }
}

/** Moves the key from fork to fork: the whole file is written beside the old one and takes its place in one step. */
async function edit(bed: Bed, site: Site, file: string, count: number, signal: AbortSignal): Promise<readonly Edit[]> {
  const edits: Edit[] = []
  await sleep(FIRST_MS, undefined, { signal })
  for (let index = 0; index < count; index++) {
    const variant = index % 2 === 0 ? 'other-fork' : 'fork'
    const next = `${file}.next`
    await writeFile(next, routesFile(site, [{ key: KEY, port: bed.upstreams[variant] }]))
    const at = Number(process.hrtime.bigint()) / 1e6
    await rename(next, file)
    edits.push({ at, variant })
    await sleep(EVERY_MS, undefined, { signal })
  }
  return edits
}

function inForce(edits: EditResult['edits']): readonly number[] {
  return edits.map(({ firstNew }) => firstNew).filter((each) => !Number.isNaN(each))
}

export function editBudgets({ edits, load }: EditResult): readonly Budget[] {
  const moved = percentile(
    edits.map((each) => each.lastOld),
    0.99,
  )
  return [
    { what: 'traffic has moved after an edit, p99', measured: moved, limit: 100, unit: ' ms' },
    { what: 'edits that never came into force', measured: edits.length - inForce(edits).length, limit: 0, unit: '' },
    { what: 'requests lost', measured: load.errors, limit: 0, unit: '' },
    { what: 'requests answered wrongly', measured: load.wrong, limit: 0, unit: '' },
  ]
}

export function formatEdits(result: EditResult): string {
  const { edits, load } = result
  const lastOld = edits.map((each) => each.lastOld)
  const rows = [row('first answer of the new variant', inForce(edits)), row('last answer of the old variant', lastOld)]
  return [
    formatTable(['ms from the rename', 'p50', 'p99', 'max'], rows),
    '',
    `${edits.length} edits, ${load.sent} requests, ${load.errors} lost, ${load.wrong} wrong`,
    ...load.samples.map((each) => `  ${each}`),
    '',
    ...editBudgets(result).map(formatBudget),
  ].join('\n')
}

function row(name: string, values: readonly number[]): Row {
  return [name, number(percentile(values, 0.5)), number(percentile(values, 0.99)), number(percentile(values, 1))]
}
