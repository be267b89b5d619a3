// A sidecar that only takes what it is told and confirms it: a pod of its own, a real connection from inside it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import { SIDECAR_UID } from '../../core/interception.ts'
import { LineSplitter } from '../../core/lines.ts'
import { encodeLine } from '../../core/wire.ts'
import { VERSION } from '../../runtime/version.ts'

const DIAL = path.join(import.meta.dirname, 'dial.ts')

/** A process that keeps a network namespace. */
export async function startPause(): Promise<ChildProcess> {
  const pause = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo && exec sleep infinity'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(pause.stdout, 'data')
  return pause
}

export class PretendedSidecar {
  redirected = false
  #stopped = false
  /** Where a text was last seen in what came, since `watch`. */
  #watched: { readonly text: string; readonly seen: () => void } | undefined

  /** Resolves when it is connected, or stopped. Tries again while nobody listens. */
  async connect(pid: number): Promise<void> {
    const become = ['setpriv', `--reuid=${SIDECAR_UID}`, `--regid=${SIDECAR_UID}`, '--clear-groups', '--']
    while (!this.#stopped) {
      const dialler = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, '--', ...become, process.execPath, DIAL], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      const [socket] = await new Promise<readonly unknown[]>((resolve) => {
        dialler.once('message', (_: unknown, handle: unknown) => resolve([handle]))
        dialler.once('exit', () => setImmediate(() => resolve([])))
      })
      if (socket instanceof net.Socket) return this.#talk(socket, pid)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** It comes no more: each attempt is a process. */
  stop(): void {
    this.#stopped = true
  }

  /** Calls `seen` when a line with this text is in force here. */
  watch(text: string, seen: () => void): void {
    this.#watched = { text, seen }
  }

  #talk(socket: net.Socket, pid: number): void {
    const lines = new LineSplitter()
    let waiting = false
    // The agent's helper may have taken it in the moment before it handed its listener over: a sidecar comes again.
    socket
      .on('error', () => {})
      .on('close', () => {
        void this.connect(pid)
      })
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        if (this.#watched !== undefined && line.includes(this.#watched.text)) waiting = true
        const revision = /^\{"(?:synced|revision)":(\d+)\}$/.exec(line)?.[1]
        if (line.startsWith('{"redirected":')) this.redirected = line.includes('true')
        if (revision === undefined) continue
        socket.write(encodeLine({ applied: Number(revision) }))
        if (!waiting) continue
        waiting = false
        this.#watched?.seen()
      }
    })
    socket.write(encodeLine({ hello: 'pretended', version: VERSION, pid: 1 }))
    socket.resume()
  }
}
