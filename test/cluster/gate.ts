// A way from the host into a machine's network: a listener of the host, handed to a process in there that dials the target.
// Started as a program, this file is that process.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { pipeline } from 'node:stream'
import type { Machine } from './machine.ts'

export interface Gate {
  /** Of the host's 127.0.0.1. */
  readonly port: number
  close(): void
}

/** Opens a port of the host's loopback that leads to `port` of `host` as the machine sees it. */
export async function openGate(machine: Pick<Machine, 'inNetwork'>, host: string, port: number): Promise<Gate> {
  const listener = net.createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const [program, ...args] = machine.inNetwork([process.execPath, import.meta.filename, host, String(port)])
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gate to ${host}:${port} ended with ${code}`)))
    child.once('message', () => resolve())
    child.send('listener', listener)
  })
  listener.close() // this process's own copy
  return { port: address.port, close: () => child.disconnect() }
}

function runGate(host: string, port: number): void {
  process.once('message', (_message, handle) => {
    if (!(handle instanceof net.Server)) throw new Error('no listener')
    handle.on('connection', (client: net.Socket) => {
      const target = net.connect({ host, port })
      pipeline(client, target, () => undefined)
      pipeline(target, client, () => undefined)
    })
    process.send?.('open')
  })
  process.once('disconnect', () => process.exit())
}

if (import.meta.main) runGate(process.argv[2] ?? '', Number(process.argv[3]))
