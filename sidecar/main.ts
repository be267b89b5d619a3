// The sidecar's process.

import { writeSync } from 'node:fs'
import { readConfig } from '../runtime/config.ts'
import { lineLog } from '../runtime/line-log.ts'
import { aborted, runProgram } from '../runtime/program.ts'
import { SIDECAR_SETTINGS } from './config.ts'
import { startSidecar } from './sidecar.ts'

await runProgram(async (signal) => {
  const config = readConfig(SIDECAR_SETTINGS)
  const log = lineLog(config.logLevel, { name: 'sidecar', sidecar: config.name }, writeLine)
  const stop = new AbortController()
  const sidecar = startSidecar(config, log, stop.signal)
  await aborted(signal)
  log.info({}, 'draining')
  await sidecar.drain()
  stop.abort()
  return 0
})

/** To stderr without a stream's memory. A reader that does not keep up loses lines; it must not stop the requests. */
function writeLine(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // nothing can be said about it
  }
}
