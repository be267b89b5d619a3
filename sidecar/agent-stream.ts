// The sidecar's end of the agent's stream: connects, takes a snapshot, then changes; the last state stays in force without it.

import { type Socket, connect } from 'node:net'
import { type Hello, type SidecarMessage, encodeLine } from '../core/wire.ts'
import type { Endpoint } from '../runtime/config.ts'
import type { Log } from '../runtime/log.ts'
import { type MessageConsumer, MessageReader } from './message-reader.ts'

/** An agent that is about to listen, or to be there again, is found at once: an app's start may wait for it. */
const SOON_MS = 50
const SOON_SECONDS = 3
const LATER_MS = 1000

export interface StreamConsumer extends MessageConsumer {
  /** Resolves when everything that it was given is in force and will be after a restart. */
  settled(): Promise<void>
}

export class AgentStream {
  readonly #endpoint: Endpoint
  readonly #hello: Hello
  readonly #consumer: StreamConsumer
  readonly #log: Log
  #socket: Socket | undefined
  /** When the agent was there last, or the start; in seconds since the process started. */
  #lostAt = process.uptime()
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
    const socket = connect(this.#endpoint)
    const reader = new MessageReader(confirming(this.#consumer, socket))
    this.#socket = socket
    socket
      .on('connect', () => {
        this.#log.info({}, 'connected to the agent')
        this.#announced = false
        socket.write(encodeLine(this.#hello))
      })
      .on('data', (chunk: Buffer) => {
        try {
          reader.push(chunk)
          this.#lostAt = process.uptime()
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
        const wait = process.uptime() - this.#lostAt < SOON_SECONDS ? SOON_MS : LATER_MS
        setTimeout(() => {
          if (!this.#stopped) this.#connect()
        }, wait * jitter)
      })
  }
}

/** Hands on what comes, and confirms on the same connection the highest revision that has settled: revisions of two agents do not compare. */
function confirming(consumer: StreamConsumer, socket: Socket): MessageConsumer {
  let latest: number | undefined
  let waiting = false
  const confirm = async (revision: number) => {
    latest = revision
    if (waiting) return
    waiting = true
    for (let settling: number | undefined; settling !== latest;) {
      settling = latest
      await consumer.settled()
      if (socket.readyState === 'open') socket.write(encodeLine({ applied: settling }))
    }
    waiting = false
  }
  return {
    replace(tables, revision) {
      consumer.replace(tables, revision)
      void confirm(revision)
    },
    apply(changes, revision) {
      consumer.apply(changes, revision)
      void confirm(revision)
    },
    redirected: (inForce) => consumer.redirected(inForce),
  }
}
