// Watches one file for new contents, however an editor or a ConfigMap puts them there.

import { type Stats, watch } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'

/** A file that is still being written changes within this time; half of it must not be taken for the whole. Milliseconds. */
const QUIET_MS = 10

/**
 * Calls `changed` with the file's text whenever the file is another one or has been written, `failed` when it cannot be read; one call
 * at a time. Watches the folder, since editors and ConfigMaps replace files. Ends with the signal.
 */
export function watchFile(
  file: string,
  signal: AbortSignal,
  changed: (text: string) => void,
  failed: (error: unknown) => void,
): void {
  let seen = ''
  let busy = false
  let again = false
  const look = async () => {
    again = busy
    if (busy) return
    busy = true
    do {
      again = false
      try {
        const stats = await quiet(file)
        if (identity(stats) !== seen) {
          const text = await readFile(file, 'utf8')
          seen = identity(stats)
          changed(text)
        }
      } catch (error) {
        seen = ''
        failed(error)
      }
    } while (again && !signal.aborted)
    busy = false
  }
  // Every event of the folder counts: a ConfigMap changes by a link that has another name.
  watch(path.dirname(path.resolve(file)), { signal }, () => void look()).on('error', failed)
  void look()
}

/** Waits until the file has not changed for a moment. */
async function quiet(file: string): Promise<Stats> {
  for (let before = await stat(file); ;) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
    const after = await stat(file)
    if (identity(after) === identity(before)) return after
    before = after
  }
}

function identity(stats: Stats): string {
  return `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
}
