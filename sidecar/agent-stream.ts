// The sidecar's end of the agent's stream: connects, takes a snapshot, then changes; the last state stays in force without it.

import net from 'node:net'
import { LineSplitter } from '../core/lines.ts'
import { type AgentMessage, type Change, type Hello, type SidecarMessage, encodeLine } from '../core/wire.ts'
import type { Endpoint } from '../runtime/config.ts'
import type { Log } from '../runtime/log.ts'
import { Tables } from './tables.ts'

const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 5000

export interface StreamConsumer {
  replace(tables: Tables, revision: number): void
  /** Throws a TypeError if a change makes no sense. */
  apply(changes: readonly Change[], revision: number): void
  /** Whether the kernel redirects this pod's calls to the sidecar. */
  redirected(inForce: boolean): void
}

export class AgentStream {
  readonly #endpoint: Endpoint
  readonly #hello: Hello
  readonly #consumer: StreamConsumer
  readonly #log: Log
  #socket: net.Socket | undefined
  #retry = FIRST_RETRY_MS
  #stopped = false
  #announced = false

  constructor(endpoint: Endpoint, hello: Hello, consumer: StreamConsumer, log: Log) {
    this.#endpoint = endpoint
    this.#hello = hello
    this.#consumer = consumer
    this.#log = log
  }

  start(signal: AbortSignal): void {
    signal.addEventListener('abort', () => {
      this.#stopped = true
      this.#socket?.destroy()
    })
    this.#connect()
  }

  /** Says it to the agent if it is there; what it must know is said again after the next snapshot. */
  send(message: SidecarMessage): void {
    if (this.#socket?.readyState === 'open') this.#socket.write(encodeLine(message))
  }

  #connect(): void {
    const reader = new MessageReader(this.#consumer)
    const socket = net.connect(this.#endpoint)
    this.#socket = socket
    socket
      .on('connect', () => {
        this.#log.info({}, 'connected to the agent')
        this.#announced = false
        socket.write(encodeLine(this.#hello))
      })
      .on('data', (chunk: Buffer) => {
        try {
          if (reader.push(chunk)) this.#retry = FIRST_RETRY_MS
        } catch (error) {
          this.#log.error({ err: error, code: 'ST2005' }, 'the agent sent what makes no sense; connecting again')
          socket.destroy()
        }
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (!this.#announced) this.#log.warn({ err: error }, 'no agent; the last table stays in force')
        this.#announced = true
      })
      .on('close', () => {
        if (this.#stopped) return
        const jitter = 0.5 + Math.random()
        setTimeout(() => {
          if (!this.#stopped) this.#connect()
        }, this.#retry * jitter)
        this.#retry = Math.min(this.#retry * 2, LAST_RETRY_MS)
      })
  }
}

/** The state of one stream: a snapshot being filled, or changes that wait for their revision. */
class MessageReader {
  readonly #consumer: StreamConsumer
  readonly #lines = new LineSplitter()
  #snapshot: Tables | undefined
  #changes: Change[] = []

  constructor(consumer: StreamConsumer) {
    this.#consumer = consumer
  }

  /** True if a snapshot was completed. Throws if the bytes are no messages. */
  push(chunk: Buffer): boolean {
    let synced = false
    for (const line of this.#lines.push(chunk)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- agent and sidecar are of one version; wrong shapes throw below
      const message = JSON.parse(line) as AgentMessage
      if ('snapshot' in message) {
        this.#snapshot = new Tables()
      } else if ('synced' in message) {
        if (this.#snapshot === undefined) throw new TypeError('the end of a snapshot without its beginning')
        this.#consumer.replace(this.#snapshot, message.synced)
        this.#snapshot = undefined
        synced = true
      } else if ('revision' in message) {
        this.#consumer.apply(this.#changes, message.revision)
        this.#changes = []
      } else if ('redirected' in message) {
        this.#consumer.redirected(message.redirected)
      } else if (this.#snapshot === undefined) this.#changes.push(message)
      else this.#snapshot.apply(message)
    }
    return synced
  }
}
