// One agent per node: a lock in the state folder that the kernel takes away from a process that ends, however it ends.

import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { SidetrackError } from '../../runtime/errors.ts'

/**
 * Resolves when this process has the lock; waits for another one's end. Held until this process ends: a lock belongs to the open file,
 * which `flock` only borrows. Rejects when the signal aborts. Throws ST2007 if there can be no lock.
 */
export function lockNode(file: string, waiting: () => void, signal: AbortSignal): Promise<void> {
  const fd = openSync(file, 'a', 0o600)
  return new Promise((resolve, reject) => {
    const flock = spawn('flock', ['--exclusive', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd], signal })
    const fault = (why: string, cause?: unknown) =>
      reject(new SidetrackError('ST2007', `cannot lock ${file}: ${why}`, { cause }))
    // It is at once or another agent's.
    const timer = setTimeout(waiting, 1000)
    flock.on('error', (error) => (signal.aborted ? reject(error) : fault(error.message, error)))
    flock.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve()
      else fault(`flock ended with ${code}`)
    })
  })
}
