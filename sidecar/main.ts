// The sidecar's process.

import { writeSync } from 'node:fs'
import { readConfig } from '../runtime/config.ts'
import { lineLog } from '../runtime/line-log.ts'
import { aborted, runProgram } from '../runtime/program.ts'
import { SIDECAR_SETTINGS } from './config.ts'
import { startSidecar } from './sidecar.ts'

/** Bytes that wait keep the whole pool that they are cut from: 400 stalled requests among others kept 25 MB of Node's pools of 64 KiB, and keep 3 MB of these. */
Buffer.poolSize = 8 * 1024

const ORPHAN_CHECK_MS = 500

void runProgram(async (signal) => {
  const config = readConfig(SIDECAR_SETTINGS)
  const log = lineLog(config.logLevel, { name: 'sidecar', sidecar: config.name }, writeLine)
  const stop = new AbortController()
  const sidecar = startSidecar(config, log, stop.signal)
  await Promise.race([aborted(signal), orphaned(config.parent)])
  log.info({}, 'draining')
  await sidecar.drain()
  stop.abort()
  return 0
})

/** Resolves when `parent` is no longer this process's parent. Looked at, since a channel to it would cost a megabyte. */
function orphaned(parent: number): Promise<void> {
  return new Promise((resolve) => {
    if (parent === 0) return
    setInterval(() => {
      if (process.ppid !== parent) resolve()
    }, ORPHAN_CHECK_MS)
  })
}

/** To stderr without a stream's memory. A reader that does not keep up loses lines; it must not stop the requests. */
function writeLine(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // nothing can be said about it
  }
}
