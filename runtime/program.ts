// Runs a program's main function: signals become an abort, errors become a line on stderr and an exit code.

import { type ErrorCode, SidetrackError, explainError } from './errors.ts'

/** sysexits.h EX_USAGE: what was typed or configured is wrong. */
export const EXIT_USAGE = 64
export const EXIT_FAILURE = 1

const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set(['ST2001', 'ST4001'])

/** Calls `main`; its signal aborts on SIGTERM or SIGINT, a second one ends the process at once. Ends the process when `main` is done. */
export async function runProgram(main: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_FAILURE)
      controller.abort()
    })
  }
  // A program that was started by another one of Sidetrack's ends with it, however that one ended.
  process.on('disconnect', () => controller.abort())
  try {
    process.exitCode = await main(controller.signal)
  } catch (error) {
    process.stderr.write(`${explainError(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
  process.exit()
}

/** The exit code of a program that ends with this error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof SidetrackError && USAGE_ERRORS.has(error.code) ? EXIT_USAGE : EXIT_FAILURE
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
