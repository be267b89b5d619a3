// Keeps the hub at what the routes file says; a file that is broken changes nothing and is announced until it is mended.

import { readFileSync } from 'node:fs'
import { SidetrackError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Readiness } from '../../runtime/readiness.ts'
import type { LayerEntries } from '../hub.ts'
import { entriesOf } from './entries.ts'
import { type FileFault, parseRoutesFile } from './routes-file.ts'
import { watchFile } from './watch.ts'

const CONDITION = 'routes-file'

export type Apply = (desired: ReadonlyMap<string, LayerEntries>) => void

/** Reads the file and follows it. Throws ST2002 or ST2003 if it is not good at the start. */
export function followRoutesFile(
  file: string,
  readiness: Readiness,
  log: Log,
  signal: AbortSignal,
  apply: Apply,
): void {
  let text = readAtStart(file)
  const first = parseRoutesFile(text)
  if ('faults' in first) throw new SidetrackError('ST2003', describeFaults(file, first.faults))
  apply(entriesOf(first.file))
  watchFile(
    file,
    signal,
    (newText) => {
      const mended = !readiness.ready
      readiness.done(CONDITION)
      if (newText === text && !mended) return
      text = newText
      const parsed = parseRoutesFile(newText)
      if ('faults' in parsed) {
        readiness.pending(CONDITION, describeFaults(file, parsed.faults))
        log.error(
          { file, faults: parsed.faults, code: 'ST2003' },
          'routes file refused; the last good one stays in force',
        )
      } else apply(entriesOf(parsed.file))
    },
    (error) => {
      readiness.pending(CONDITION, `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      log.error({ file, err: error, code: 'ST2002' }, 'routes file cannot be read; the last good one stays in force')
    },
  )
}

/** One line a fault: `shop.yaml:3:5: …`. */
export function describeFaults(file: string, faults: readonly FileFault[]): string {
  return faults.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n')
}

function readAtStart(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SidetrackError('ST2002', `cannot read ${file}: ${why}`, { cause: error })
  }
}
