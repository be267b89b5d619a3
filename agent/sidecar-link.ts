// The agent's end of one sidecar's stream: a snapshot, then changes; what a slow reader has not taken yet is merged, never queued.

import type net from 'node:net'
import { type Hop, readHop } from '../core/hop.ts'
import { LineSplitter } from '../core/lines.ts'
import { type Hello, type SidecarMessage, type SidecarState, encodeLine } from '../core/wire.ts'
import type { Snapshot } from './hub.ts'
import type { Line } from './layer.ts'

/** Lines are gathered up to this size before they are written. Characters. */
const WRITE_SIZE = 64 * 1024

export interface LinkEvents {
  /** The sidecar confirmed a revision, or told its state. */
  changed(link: SidecarLink): void
  /** A traced request has passed it. */
  traced(link: SidecarLink, hop: Hop): void
  /** What it sent is no message. The link is closed. */
  faulty(link: SidecarLink, error: unknown): void
}

export class SidecarLink {
  /** Whom the hub takes it for. */
  readonly sidecar: string
  readonly hello: Hello
  readonly #socket: net.Socket
  readonly #events: LinkEvents
  /** The entries that are still to be sent; those that change meanwhile are also in `#changes`. */
  #snapshot: Snapshot | undefined
  /** By entry name: the latest change not yet sent. Bounded by the number of entries, however slow the sidecar is. */
  readonly #changes = new Map<string, string>()
  /** The revision that holds when everything has been sent. */
  #revision: number
  #sentRevision = -1
  /** Since when an answer is awaited. */
  #askedAt: number | undefined
  appliedRevision = -1
  /** What it was told of its redirects. */
  told = false
  state: SidecarState | undefined

  constructor(
    socket: net.Socket,
    sidecar: string,
    hello: Hello,
    snapshot: Snapshot,
    revision: number,
    events: LinkEvents,
  ) {
    this.#socket = socket
    this.sidecar = sidecar
    this.hello = hello
    this.#events = events
    this.#snapshot = snapshot
    this.#revision = revision
    socket.on('drain', () => this.#flush())
    socket.write(encodeLine({ snapshot: true }))
    this.#flush()
  }

  /** Everything that holds has been sent and confirmed. */
  get upToDate(): boolean {
    return this.appliedRevision === this.#revision
  }

  change(lines: readonly Line[], revision: number): void {
    this.#revision = revision
    for (const { name, text } of lines) {
      this.#changes.delete(name) // so that the order is that of the latest changes
      this.#changes.set(name, text)
    }
    this.#flush()
  }

  /** Says whether its pod's calls are redirected. */
  tell(redirected: boolean): void {
    this.told = redirected
    this.#socket.write(encodeLine({ redirected }))
  }

  /** Asks whether it is still there: a sidecar confirms every revision that it is told, the same one again. */
  ping(): void {
    if (this.#askedAt !== undefined || this.#sentRevision !== this.#revision) return
    this.#socket.write(encodeLine({ revision: this.#revision }))
    this.#askedAt = performance.now()
  }

  /** For how long it has owed an answer. Milliseconds. */
  get silentMs(): number {
    return this.#askedAt === undefined ? 0 : performance.now() - this.#askedAt
  }

  /** Takes bytes from the sidecar. */
  receive(lines: readonly string[]): void {
    try {
      for (const line of lines) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fields are looked at one by one below
        const message = JSON.parse(line) as SidecarMessage
        if ('applied' in message) {
          this.appliedRevision = message.applied
          this.#askedAt = message.applied === this.#sentRevision ? undefined : performance.now()
        } else if ('state' in message) this.state = message.state
        else if ('hop' in message) {
          this.#trace(message.hop)
          continue
        } else throw new TypeError('a message that is neither `applied` nor `state` nor `hop`')
        this.#events.changed(this)
      }
    } catch (error) {
      this.close()
      this.#events.faulty(this, error)
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #trace(sent: unknown): void {
    const hop = readHop(sent)
    if (hop === undefined) throw new TypeError('a hop that is none')
    this.#events.traced(this, hop)
  }

  #flush(): void {
    let text = ''
    const write = (line: string, always: boolean) => {
      text += line
      if (text.length < WRITE_SIZE && !always) return
      this.#socket.write(text)
      text = ''
    }
    while (!this.#socket.writableNeedDrain && this.#sentRevision !== this.#revision) {
      const next = this.#snapshot?.next()
      if (next?.done === false) {
        write(next.value.line, false)
        continue
      }
      const [name, line] = this.#changes.entries().next().value ?? []
      if (name !== undefined && line !== undefined) {
        this.#changes.delete(name)
        write(line, false)
        continue
      }
      write(encodeLine(this.#snapshot === undefined ? { revision: this.#revision } : { synced: this.#revision }), true)
      this.#snapshot = undefined
      this.#sentRevision = this.#revision
      this.#askedAt ??= performance.now()
    }
    if (text !== '') this.#socket.write(text)
  }
}

/** Reads a sidecar's first line; the lines behind it are handed over. Calls `faulty` if it is no hello. */
export function readHello(
  socket: net.Socket,
  ready: (hello: Hello) => SidecarLink,
  faulty: (error: unknown) => void,
): void {
  const splitter = new LineSplitter()
  let link: SidecarLink | undefined
  socket.on('data', (chunk: Buffer) => {
    try {
      const lines = [...splitter.push(chunk)]
      if (link === undefined) {
        const first = lines.shift()
        if (first === undefined) return
        link = ready(parseHello(first))
      }
      link.receive(lines)
    } catch (error) {
      socket.destroy()
      faulty(error)
    }
  })
}

function parseHello(line: string): Hello {
  const value: unknown = JSON.parse(line)
  if (
    typeof value !== 'object' ||
    value === null ||
    !('hello' in value) ||
    !('version' in value) ||
    !('pid' in value)
  ) {
    throw new TypeError('the first line is no hello')
  }
  return { hello: String(value.hello), version: String(value.version), pid: Number(value.pid) }
}
