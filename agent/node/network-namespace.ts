// A pod's network namespace, held open: whatever becomes of its processes and their numbers, this is still the same one.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, statSync } from 'node:fs'

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

  /** Whether a process is in it. */
  isOf(pid: number, proc = '/proc'): boolean {
    return inodeOf(`${proc}/${pid}/ns/net`) === this.inode
  }

  close(): void {
    if (!this.#closed) closeSync(this.#fd)
    this.#closed = true
  }
}

/** Of the first of these processes that is in another one than this process; undefined if none is. */
export function namespaceOf(pids: readonly number[], proc = '/proc'): NetworkNamespace | undefined {
  const own = inodeOf('/proc/self/ns/net')
  for (const pid of pids) {
    try {
      const namespace = NetworkNamespace.ofProcess(pid, proc)
      // A process that is just being started is in its starter's.
      if (namespace.inode !== own) return namespace
      namespace.close()
    } catch {
      // It has ended.
    }
  }
  return undefined
}

function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino
  } catch {
    return undefined
  }
}

export interface Io {
  readonly stdin?: 'pipe'
  readonly stdout?: 'pipe'
  readonly stderr?: 'pipe'
  /** With a channel for messages and sockets. */
  readonly ipc?: boolean
}
