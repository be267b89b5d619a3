// The table on disk, for a sidecar that starts while no agent is there: a snapshot and the changes since, as the agent would send them.

import { closeSync, openSync, readSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type AgentMessage, type Change, encodeLine } from '../core/wire.ts'
import type { Log } from '../runtime/log.ts'
import { VERSION } from '../runtime/version.ts'
import { CacheFile } from './cache-file.ts'
import type { Counters } from './counters.ts'
import { MessageReader } from './message-reader.ts'
import type { Tables } from './tables.ts'

/** Entries that are written in one turn of the event loop: about a millisecond. */
const ENTRIES_A_TURN = 512

/** Changes may take as much space as the snapshot, and this much in any case, before the file is written anew. */
const SLACK_BYTES = 256 * 1024

/** A larger table is not kept: 150,000 routes. With its changes and its successor it stays inside SIDECAR_FOLDER_LIMIT. */
const MAX_SNAPSHOT_BYTES = 16 * 1024 * 1024

const CHUNK_BYTES = 64 * 1024

/** Changes that are written together, or a new snapshot and the changes since. */
interface Batch {
  snapshot: boolean
  text: string
  readonly written: Promise<void>
  readonly settle: () => void
}

export class TableCache {
  readonly #path: string
  readonly #log: Log
  readonly #counters: Counters
  /** What holds, at any time. */
  #tables: Tables | undefined
  #revision = 0
  #file: CacheFile | undefined
  /** Size at which the file is written anew. */
  #limit = 0
  #next: Batch | undefined
  #latest: Promise<void> = Promise.resolve()
  #running = false
  /** Since something went wrong nothing is kept, until the next snapshot. */
  #broken = false

  constructor(folder: string, log: Log, counters: Counters) {
    this.#path = join(folder, 'table')
    this.#log = log
    this.#counters = counters
  }

  /** What a sidecar of this version has kept in this network namespace; undefined if that is nothing, or nothing whole. */
  load(): { readonly tables: Tables; readonly revision: number } | undefined {
    try {
      return read(this.#path)
    } catch (error) {
      if (!isMissing(error)) this.#log.warn({ err: error }, 'the kept table is of no use')
      return undefined
    }
  }

  /** Keeps `tables`, and what they become, in place of everything before. */
  replace(tables: Tables, revision: number): void {
    this.#tables = tables
    this.#revision = revision
    this.#broken = false
    const batch = this.#batch()
    batch.snapshot = true
    batch.text = ''
    void this.#run()
  }

  /** Keeps changes that the tables have taken in this turn of the event loop. */
  append(changes: readonly Change[], revision: number): void {
    this.#revision = revision
    // A revision alone, which the agent repeats to hear whether the sidecar is there, is not worth a write.
    if (this.#broken || changes.length === 0) return
    let text = ''
    for (const change of changes) text += encodeLine(change)
    this.#batch().text += text + encodeLine({ revision })
    void this.#run()
  }

  /** Resolves when everything until now is written, or cannot be. */
  persisted(): Promise<void> {
    return this.#latest
  }

  #batch(): Batch {
    if (this.#next === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#next = { snapshot: false, text: '', written: promise, settle: resolve }
      this.#latest = promise
    }
    return this.#next
  }

  #take(): Batch | undefined {
    const batch = this.#next
    this.#next = undefined
    return batch
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) {
      try {
        if (batch.snapshot) await this.#rewrite()
        else await this.#file?.write(batch.text)
        batch.settle()
        if (this.#file !== undefined && this.#file.size > this.#limit) await this.#rewrite(this.#file)
      } catch (error) {
        this.#fail(error)
        batch.settle()
      }
    }
    this.#running = false
  }

  /**
   * Writes a new file from the tables, a piece in each turn. They change meanwhile: the snapshot may have some of these changes already, and
   * all of them stand behind it. They also go into `old`, while that one still counts, and are settled by that.
   */
  async #rewrite(old?: CacheFile): Promise<void> {
    const file = await CacheFile.create(`${this.#path}.new`)
    const waiting: Batch[] = []
    try {
      await file.write(header())
      const messages = snapshot(this.#tables, this.#revision)
      let since = ''
      for (let more = true; more;) {
        let text = ''
        for (let count = 0; count < ENTRIES_A_TURN; count++) {
          const { value } = messages.next()
          if (value === undefined) {
            more = false
            break
          }
          text += encodeLine(value)
        }
        await file.write(text)
        if (file.size > MAX_SNAPSHOT_BYTES)
          throw new RangeError(`the table takes more than ${MAX_SNAPSHOT_BYTES} bytes`)
        if (this.#next?.snapshot === true) {
          file.close() // there are other tables: these are of no interest any more
          return
        }
        const batch = this.#take()
        if (batch === undefined) continue
        since += batch.text
        if (old === undefined) waiting.push(batch)
        else {
          await old.write(batch.text)
          batch.settle()
        }
      }
      this.#limit = 2 * file.size + SLACK_BYTES
      await file.write(since)
      await file.rename(this.#path)
    } catch (error) {
      file.close()
      throw error
    } finally {
      for (const batch of waiting) batch.settle()
    }
    this.#file?.close()
    this.#file = file
  }

  /** An old table is worse than none: its forks may be gone, and their addresses somebody else's. */
  #fail(error: unknown): void {
    this.#counters.event('cache-failed')
    this.#log.error({ err: error, code: 'ST2101' }, 'the table is not kept until the agent sends it anew')
    this.#broken = true
    this.#file?.close()
    this.#file = undefined
    for (const name of [this.#path, `${this.#path}.new`]) {
      try {
        rmSync(name, { force: true })
      } catch {
        // what could not be written can perhaps not be removed either
      }
    }
  }
}

function* snapshot(tables: Tables | undefined, revision: number): Generator<AgentMessage> {
  yield { snapshot: true }
  for (const entry of tables?.entries() ?? []) yield { put: entry }
  yield { synced: revision }
}

/** The first line. Local addresses mean the same as long as the network namespace lives. */
function header(): string {
  return `${JSON.stringify({ version: VERSION, namespace: readlinkSync('/proc/self/ns/net') })}\n`
}

/** Throws if the file is none of ours. A change that was not completely written was not in force either. */
function read(file: string): { readonly tables: Tables; readonly revision: number } | undefined {
  const fd = openSync(file, 'r')
  try {
    let found: { tables: Tables; revision: number } | undefined
    const reader = new MessageReader({
      replace: (tables, revision) => void (found = { tables, revision }),
      apply(changes, revision) {
        if (found === undefined) throw new TypeError('changes without a snapshot')
        for (const change of changes) found.tables.apply(change)
        found.revision = revision
      },
      redirected() {},
    })
    const wanted = header()
    const start = Buffer.alloc(Buffer.byteLength(wanted))
    readSync(fd, start)
    if (start.toString() !== wanted)
      throw new TypeError('it was written by another version or in another network namespace')
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
      // The reader keeps what it was given until a line is whole.
      reader.push(Buffer.from(chunk.subarray(0, length)))
    }
    return found
  } finally {
    closeSync(fd)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
