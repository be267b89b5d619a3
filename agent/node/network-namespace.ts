// A pod's network namespace, held open: whatever becomes of its processes and their numbers, this is still the same one.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'

/** In the child, the namespace is this descriptor: a path through /proc could by now be another pod's. */
const CHILD_FD = 3

export class NetworkNamespace {
  /** What tells one network namespace of a machine from another, for as long as it is held open. */
  readonly inode: number
  readonly #fd: number
  #closed = false

  private constructor(fd: number) {
    this.#fd = fd
    this.inode = fstatSync(fd).ino
  }

  /** Of a process. Throws ENOENT if it is gone. */
  static ofProcess(pid: number, proc = '/proc'): NetworkNamespace {
    return new NetworkNamespace(openSync(`${proc}/${pid}/ns/net`, 'r'))
  }

  /** Starts a program in the namespace; everything else about it is this process's own. */
  spawn(command: string, args: readonly string[], io: Io = {}): ChildProcess {
    if (this.#closed) throw new Error('the network namespace is closed')
    const stdio: StdioOptions = [io.stdin ?? 'ignore', io.stdout ?? 'ignore', io.stderr ?? 'ignore', this.#fd]
    if (io.ipc === true) stdio.push('ipc')
    return spawn('nsenter', [`--net=/proc/self/fd/${CHILD_FD}`, '--', command, ...args], { stdio })
  }

  close(): void {
    if (!this.#closed) closeSync(this.#fd)
    this.#closed = true
  }
}

export interface Io {
  readonly stdin?: 'pipe'
  readonly stdout?: 'pipe'
  readonly stderr?: 'pipe'
  /** With a channel for messages and sockets. */
  readonly ipc?: boolean
}
