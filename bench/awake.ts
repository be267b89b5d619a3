// Keeps cores from falling asleep while latency is measured.

import { startPinned } from './process.ts'

/**
 * At 1,000 requests per second a core sleeps between any two of them, and on a virtual machine waking it costs more, and
 * varies more, than what any proxy does. A loop of the idle class (sched(7), SCHED_IDLE) runs only when nothing else wants
 * the core. It looks for the harness now and then, so that it ends even if the harness is killed.
 */
const LOOP = 'while kill -0 $0; do i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done; done'

/** Returns what ends it. */
export function keepAwake(cores: readonly number[]): () => Promise<void> {
  const loops = [...new Set(cores)].map((core) =>
    startPinned(core, 'chrt', ['--idle', '0', 'sh', '-c', LOOP, String(process.pid)]),
  )
  return async () => {
    await Promise.all(loops.map((each) => each.stop()))
  }
}
