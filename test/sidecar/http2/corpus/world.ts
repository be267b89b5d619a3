// Runs a case: what each side sends as frames, and what it must have seen stream by stream.

import { type At, Bed, type Upstreams } from '../../../fixtures/corpus/bed.ts'
import type { DataPath } from '../../../fixtures/data-path.ts'
import type { Peer } from '../../../fixtures/peer.ts'
import { connect, pieces, sendParts } from '../../../fixtures/raw-client.ts'
import { GET, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, type Sent, type Step, whole } from './case.ts'
import { Frames, PREFACE, SETTINGS_ACK, END_STREAM, block, frame, headers, settings, TYPE, words } from './frames.ts'
import { Reader } from './reader.ts'

/** How bytes are cut: not at all, or into single bytes (long ones into pieces). */
export type Cut = 'whole' | 'bytes'

const LONG = 1000
const PROBE = [...GET.slice(0, 3), [':path', '/probe']] as const

/** What upstreams say first, but for the first so many connections, which are mute. */
interface Greeting {
  bytes: Buffer
  mute: number
}

export class World {
  readonly #bed: Bed
  readonly #greeting: Greeting

  private constructor(bed: Bed, greeting: Greeting) {
    this.#bed = bed
    this.#greeting = greeting
  }

  static async start(): Promise<World> {
    const greeting: Greeting = { bytes: Buffer.alloc(0), mute: 0 }
    const bed = await Bed.start((peer) => {
      if (greeting.mute-- <= 0) peer.send(greeting.bytes)
    })
    return new World(bed, greeting)
  }

  close(): void {
    this.#bed.close()
  }

  /** Throws an Error that says what differs from the case. */
  async run(each: Case, cut: Cut): Promise<void> {
    const path = await (each.sidecar === undefined ? this.#bed.path(each.own) : this.#bed.freshPath(each.own))
    if (each.sidecar === 'knows :protocol') path.destination.rememberConnectProtocol()
    const { upstreamSettings = [] } = each
    this.#greeting.mute = upstreamSettings === 'none' ? 1 : 0
    const greeting = settings(upstreamSettings === 'none' ? [] : upstreamSettings)
    this.#greeting.bytes = Buffer.concat([greeting.bytes, SETTINGS_ACK.bytes])
    const client = await connect(path.port)
    const run = new Run(this.#bed.upstreams, client, cut)
    try {
      if (each.settings !== 'none') run.begin(Buffer.concat([PREFACE.bytes, settings(each.settings).bytes]))
      for (const step of each.steps) await run.take(step)
      await run.finish(path, each.own)
    } finally {
      this.#bed.forget(client)
      if (each.sidecar !== undefined) path.close()
    }
  }
}

class Run {
  readonly #upstreams: Upstreams
  readonly #readers = new Map<Peer, Reader>()
  readonly #client: Reader
  readonly #cut: Cut
  /** What goes out with the next bytes. */
  #begun: Buffer = Buffer.alloc(0)
  #lastId = -1
  #over = false

  constructor(upstreams: Upstreams, client: Peer, cut: Cut) {
    this.#upstreams = upstreams
    this.#client = new Reader(client, 0)
    this.#cut = cut
  }

  begin(bytes: Buffer): void {
    this.#begun = bytes
  }

  async take(step: Step): Promise<void> {
    if ('send' in step) await this.#send(step.send)
    else if ('sees' in step)
      for (const part of step.sees) await (await this.#reader(step.at, part.id)).next(step.at ?? 'baseline', part)
    else if ('reply' in step) await this.#write(await this.#replier(step), encode(step.reply))
    else if ('gets' in step) for (const part of step.gets) await this.#client.next('the client', part)
    else if ('answered' in step) await this.#answered(step.answered)
    else if ('told' in step) await this.#told(step.at, step.told)
    else if ('goaway' in step) await this.#goaway(step.at, step.goaway)
    else if ('ends' in step) this.#upstreams[step.ends].last.end()
    else {
      await this.#client.peer.untilEnd()
      this.#over = true
    }
  }

  /** If the connection lives it must carry one more request. Then it ends, and everything that came must have been accounted for. */
  async finish(path: DataPath, own: string | undefined): Promise<void> {
    if (!this.#over) await this.#probe(own)
    this.#client.peer.end()
    await path.untilIdle()
    for (const [at, upstream] of Object.entries(this.#upstreams)) {
      for (const peer of upstream.peers) peer.end()
      await upstream.untilAllClosed()
      for (const peer of upstream.peers) {
        const reader = this.#of(peer)
        reader.sync()
        if (reader.rest() !== '') throw new Error(`${at} received ${reader.rest()}`)
        if (reader.streams.size === 0 && reader.goaway === undefined) throw new Error(`${at} was called for nothing`)
      }
    }
    this.#client.sync()
    if (this.#client.rest() !== '') throw new Error(`the client received ${this.#client.rest()}`)
    if (!this.#over && this.#client.goaway !== undefined && this.#client.goaway !== 0)
      throw new Error(`the client received GOAWAY ${this.#client.goaway}`)
  }

  async #probe(own: string | undefined): Promise<void> {
    const id = this.#lastId + 2
    await this.#send([whole(id, PROBE)])
    const reader = await this.#reader('baseline', id)
    await reader.next('baseline', whole(id, own === undefined ? PROBE : plus(PROBE, ['baggage', `sidetrack=${own}`])))
    await this.#write(reader.peer, encode([whole(id, [[':status', '204']])]))
    await this.#client.next('the client', whole(id, [[':status', '204']]))
  }

  async #send(parts: readonly Sent[]): Promise<void> {
    for (const part of parts)
      if ('head' in part) this.#lastId = Math.max(this.#lastId, part.id)
      else if (part instanceof Frames) this.#lastId = Math.max(this.#lastId, lastHeaders(part.bytes))
    const bytes = Buffer.concat([this.#begun, encode(parts)])
    this.#begun = Buffer.alloc(0)
    await this.#write(this.#client.peer, bytes)
  }

  async #write(peer: Peer, bytes: Buffer): Promise<void> {
    if (this.#cut === 'whole') peer.send(bytes)
    else await sendParts(peer, pieces(bytes, bytes.length > LONG ? 997 : 1))
  }

  #of(peer: Peer): Reader {
    let reader = this.#readers.get(peer)
    if (reader === undefined) this.#readers.set(peer, (reader = new Reader(peer, PREFACE.bytes.length)))
    return reader
  }

  /** Of the last connection that has something on that stream. */
  async #reader(at: At = 'baseline', id: number): Promise<Reader> {
    const upstream = this.#upstreams[at]
    const find = (): Reader | undefined => {
      for (const peer of upstream.peers.toReversed()) {
        const reader = this.#of(peer)
        reader.sync()
        if (reader.streams.has(id)) return reader
      }
      return undefined
    }
    await upstream.until(`stream ${id}`, () => find() !== undefined)
    return find()!
  }

  /** The connection that has seen the first stream of the reply, else the last one there is. */
  async #replier(step: Step & { readonly reply: readonly Sent[]; readonly at?: At }): Promise<Peer> {
    const first = step.reply[0]
    const upstream = this.#upstreams[step.at ?? 'baseline']
    await upstream.untilConnections(1)
    if (first === undefined || first instanceof Frames) return upstream.last
    return upstream.peers.toReversed().find((peer) => this.#of(peer).streams.has(first.id)) ?? upstream.last
  }

  async #answered(expected: { readonly id: number; readonly status: string; readonly code: string }): Promise<void> {
    const fields = new Map(await this.#client.nextHead('the client', expected.id))
    const found = `${fields.get(':status')} ${fields.get('sidetrack-error')}`
    if (found !== `${expected.status} ${expected.code}`)
      throw new Error(`the client received ${found} instead of ${expected.status} ${expected.code}`)
    await this.#client.toEnd('the client', expected.id)
    this.#client.skipReset(expected.id, 0)
  }

  async #told(at: At | undefined, frames: Frames): Promise<void> {
    if (this.#begun.length > 0) await this.#send([])
    const reader = at === undefined ? this.#client : this.#of(this.#upstreams[at].last)
    await reader.peer.until(`the frame ${frames.bytes.toString('hex')}`, () => {
      reader.sync()
      return reader.others.some((each) => each.equals(frames.bytes))
    })
  }

  async #goaway(at: At | undefined, code: number): Promise<void> {
    const reader = at === undefined ? this.#client : this.#of(this.#upstreams[at].last)
    await reader.peer.untilEnd()
    reader.sync()
    if (reader.goaway !== code)
      throw new Error(`${at ?? 'the client'} received GOAWAY ${reader.goaway} instead of ${code}`)
    if (at === undefined) this.#over = true
  }
}

function encode(parts: readonly Sent[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Frames) return part.bytes
      const flags = 'end' in part && part.end ? END_STREAM : 0
      if ('head' in part) return headers(part.id, block(part.head), flags).bytes
      if ('data' in part) return frame(TYPE.data, flags, part.id, part.data).bytes
      return frame(TYPE.reset, 0, part.id, words(part.reset)).bytes
    }),
  )
}

/** The highest stream that HEADERS of these bytes open; -1 if none does or they are not frames. */
function lastHeaders(bytes: Buffer): number {
  let lastId = -1
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === TYPE.headers) lastId = Math.max(lastId, bytes.readUInt32BE(at + 5) & 0x7fff_ffff)
  }
  return lastId
}
