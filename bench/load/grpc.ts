// The gRPC server and load of `grpc/`: unary calls over a few connections, as many as a proxy can take.

import type { Cores } from '../cores.ts'
import { untilListening } from '../ports.ts'
import { runPinned, startPinned } from '../process.ts'
import type { Variant } from '../rule.ts'
import type { Sent } from './saturated.ts'

export interface GrpcLoad {
  readonly program: string
  readonly core: number
  readonly port: number
  readonly connections: number
  /** Calls of each connection that are on their way at any time. */
  readonly streams: number
  /** Used in turn, on each connection. */
  readonly keys: readonly { readonly key: string; readonly variant: Variant }[]
  readonly signal: AbortSignal
}

export async function saturateWithGrpc(load: GrpcLoad, seconds: number): Promise<Sent> {
  const { program, core, port, connections, streams, keys, signal } = load
  const shape = [port, connections, streams, seconds].map(String)
  const args = ['client', ...shape, ...keys.map(({ key, variant }) => `${key}=${variant}`)]
  return parseGrpc(await runPinned(core, program, args, { seconds: seconds + 15, signal }))
}

/** Throws with the program's own words if they hold no result. */
export function parseGrpc(output: string): Sent {
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`the gRPC load gave no result: ${output.trim()}`)
  const { calls, wrong, errors, seconds }: Record<'calls' | 'wrong' | 'errors' | 'seconds', number> = JSON.parse(line)
  return { requests: calls, seconds, failures: wrong + errors }
}

/** Resolves, when both listen, to what stops them. */
export async function startGrpcServers(
  program: string,
  ports: Readonly<Record<'baseline' | 'fork', number>>,
  cores: Cores,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const servers = (['baseline', 'fork'] as const).map((variant) => ({
    port: ports[variant],
    running: startPinned(cores.upstream, program, ['server', String(ports[variant]), variant]),
  }))
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(({ running }) => running.stop()))
  }
  try {
    for (const { port, running } of servers) await untilListening(port, running, signal)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}
