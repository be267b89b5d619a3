// Reads the agent's messages from bytes, whether they come from the agent or were kept on disk.

import { LineSplitter } from '../core/lines.ts'
import type { AgentMessage, Change } from '../core/wire.ts'
import { Tables } from './tables.ts'

export interface MessageConsumer {
  replace(tables: Tables, revision: number): void
  /** Throws a TypeError if a change makes no sense. */
  apply(changes: readonly Change[], revision: number): void
  /** Whether the kernel redirects this pod's calls to the sidecar. */
  redirected(inForce: boolean): void
}

/** The state of one stream: a snapshot being filled, or changes that wait for their revision. */
export class MessageReader {
  readonly #consumer: MessageConsumer
  readonly #lines = new LineSplitter()
  #snapshot: Tables | undefined
  #changes: Change[] = []

  constructor(consumer: MessageConsumer) {
    this.#consumer = consumer
  }

  /** Throws if the bytes are no messages. What has no revision behind it yet is kept, and is nothing if none comes. */
  push(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- agent and sidecar are of one version; wrong shapes throw below
      const message = JSON.parse(line) as AgentMessage
      if ('snapshot' in message) {
        this.#snapshot = new Tables()
      } else if ('synced' in message) {
        if (this.#snapshot === undefined) throw new TypeError('the end of a snapshot without its beginning')
        this.#consumer.replace(this.#snapshot, message.synced)
        this.#snapshot = undefined
      } else if ('revision' in message) {
        this.#consumer.apply(this.#changes, message.revision)
        this.#changes = []
      } else if ('redirected' in message) {
        this.#consumer.redirected(message.redirected)
      } else if (this.#snapshot === undefined) this.#changes.push(message)
      else this.#snapshot.apply(message)
    }
  }
}
