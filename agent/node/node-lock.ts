// One agent per node: a lock in the state folder that the kernel takes away from a process that ends, however it ends.

import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { SidetrackError } from '../../runtime/errors.ts'

/** Whoever has to wait for so long waits for another agent. */
const ANOTHER_MS = 1000

/**
 * Resolves when this process has the lock; waits for another one's end. Held until this process ends: a lock belongs to the open file,
 * which `flock` only borrows. Rejects when the signal aborts. Throws ST2007 if there can be no lock.
 */
export async function lockNode(file: string, waiting: () => void, signal: AbortSignal): Promise<void> {
  const fault = (why: string, cause?: unknown) => new SidetrackError('ST2007', `cannot lock ${file}: ${why}`, { cause })
  let fd: number
  try {
    fd = openSync(file, 'a', 0o600)
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error), error)
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const flock = spawn('flock', ['--exclusive', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd], signal })
  // It is at once or another agent's.
  const timer = setTimeout(waiting, ANOTHER_MS)
  flock.on('error', (error) => reject(signal.aborted ? error : fault(error.message, error)))
  flock.on('close', (code) => (code === 0 ? resolve() : reject(fault(`flock ended with ${code}`))))
  try {
    await promise
  } catch (error) {
    closeSync(fd)
    throw error
  } finally {
    clearTimeout(timer)
  }
}
