// A peer that is one program on the proxy's core, with the processes that it starts.

import { untilListening } from '../ports.ts'
import type { RunningPeer, Site } from '../peer.ts'
import { descendants } from '../procfs.ts'
import { startPinned } from '../process.ts'

export async function startServer(site: Site, command: string, args: readonly string[]): Promise<RunningPeer> {
  const running = startPinned(site.cores.proxy, command, args, { NODE_ENV: 'production' })
  try {
    await untilListening(site.listen, running, site.signal)
  } catch (error) {
    await running.stop()
    throw error
  }
  return {
    port: site.listen,
    pids: () => [running.pid, ...descendants(running.pid)],
    others: () => [],
    stop: () => running.stop(),
  }
}
