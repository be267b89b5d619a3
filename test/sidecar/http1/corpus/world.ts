// Runs a case: what each side sends as bytes, and what it must have received.

import { type At, Bed, type Upstreams } from '../../../fixtures/corpus/bed.ts'
import type { DataPath } from '../../../fixtures/data-path.ts'
import type { Peer } from '../../../fixtures/peer.ts'
import { connect, pieces, sendParts } from '../../../fixtures/raw-client.ts'
import type { RawUpstream } from '../../../fixtures/raw-upstream.ts'
import type { Case, Refused, Step } from './case.ts'

/** How the client's bytes are cut: not at all, into single bytes (long ones into pieces), or in two at a position. */
export type Cut = 'whole' | 'bytes' | number

const LONG = 2000

export class World {
  readonly #bed: Bed

  private constructor(bed: Bed) {
    this.#bed = bed
  }

  static async start(): Promise<World> {
    return new World(await Bed.start())
  }

  close(): void {
    this.#bed.close()
  }

  /** Throws an Error that says what differs from the case. */
  async run(each: Case, cut: Cut): Promise<void> {
    const path = await this.#bed.path(each.own)
    const client = await connect(path.port)
    const run = new Run(this.#bed.upstreams, client, cut)
    try {
      for (const step of each.steps) await run.take(step)
      await run.finish(path, each.begun)
    } finally {
      this.#bed.forget(client)
    }
  }
}

class Run {
  readonly #upstreams: Upstreams
  readonly #client: Peer
  readonly #cut: Cut
  /** How much of what each side received has been accounted for. */
  readonly #read: Record<At | 'client', number> = { client: 0, baseline: 0, 'pr-42': 0, 'pr-57': 0 }
  #sent = 0

  constructor(upstreams: Upstreams, client: Peer, cut: Cut) {
    this.#upstreams = upstreams
    this.#client = client
    this.#cut = cut
  }

  async take(step: Step): Promise<void> {
    if ('send' in step) await this.#send(Buffer.from(step.send, 'latin1'))
    else if ('sees' in step) await this.#sees(step.at ?? 'baseline', step.sees)
    else if ('reply' in step) this.#upstreams[step.at ?? 'baseline'].last.send(step.reply)
    else if ('gets' in step) await this.#gets(step.gets)
    else if ('refused' in step) await this.#refused(step.refused)
    else if ('ends' in step) (step.ends === 'client' ? this.#client : this.#upstreams[step.ends].last).end()
    else if ('resets' in step) this.#upstreams[step.resets].last.reset()
    else await this.#closed(step.closed === 'client' ? this.#client : this.#upstreams[step.closed].last, step)
  }

  /** Ends what is still open, and compares everything that anybody received with what was accounted for. */
  async finish(path: DataPath, begun: string | undefined): Promise<void> {
    this.#client.end()
    await path.untilIdle()
    for (const [at, upstream] of entries(this.#upstreams)) {
      for (const peer of upstream.peers) peer.end()
      await upstream.untilAllClosed()
      const rest = upstream.text.slice(this.#read[at])
      if (begun === undefined ? rest !== '' : !begun.startsWith(rest)) throw new Error(`${at} received ${quote(rest)}`)
      if (this.#read[at] === 0 && begun === undefined && upstream.peers.length > 0) throw new Error(`${at} was called`)
    }
    await this.#client.untilClosed()
    const rest = this.#client.text.slice(this.#read.client)
    if (rest !== '') throw new Error(`the client received ${quote(rest)}`)
  }

  async #send(bytes: Buffer): Promise<void> {
    const first = this.#sent === 0
    this.#sent += bytes.length
    if (this.#cut === 'bytes') await sendParts(this.#client, pieces(bytes, bytes.length > LONG ? 997 : 1))
    else if (this.#cut === 'whole' || !first) this.#client.send(bytes)
    else await sendParts(this.#client, [bytes.subarray(0, this.#cut), bytes.subarray(this.#cut)])
  }

  async #sees(at: At, expected: string): Promise<void> {
    const start = this.#read[at]
    const got = await this.#upstreams[at].untilBytes(start + expected.length)
    compare(`${at} received`, got.slice(start, start + expected.length), expected)
    this.#read[at] += expected.length
  }

  async #gets(expected: string): Promise<void> {
    const start = this.#read.client
    const got = await this.#client.untilBytes(start + expected.length)
    compare('the client received', got.slice(start, start + expected.length), expected)
    this.#read.client += expected.length
  }

  async #refused(expected: Refused): Promise<void> {
    const start = this.#read.client
    await this.#client.until('a head', () => this.#client.text.includes('\r\n\r\n', start) || this.#client.closed)
    const head = this.#client.text.slice(start, this.#client.text.indexOf('\r\n\r\n', start) + 4)
    const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1]
    compare('status', head.split(' ', 2)[1] ?? '', String(expected.status))
    compare('code', field('sidetrack-error') ?? '', expected.code)
    compare('connection', field('connection') ?? 'open', expected.open === true ? 'open' : 'close')
    const length = expected.headOnly === true ? 0 : Number(field('content-length'))
    await this.#client.untilBytes(start + head.length + length)
    this.#read.client += head.length + length
  }

  async #closed(peer: Peer, step: { readonly reset?: true }): Promise<void> {
    if (step.reset === true) {
      await peer.untilClosed()
      compare('the connection ended by', peer.error ?? 'an end', 'ECONNRESET')
    } else {
      await peer.untilEnd()
      compare('the connection ended by', peer.error ?? 'an end', 'an end')
    }
  }
}

function compare(what: string, got: string, expected: string): void {
  if (got !== expected) throw new Error(`${what} ${quote(got)} instead of ${quote(expected)}`)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 600 ? `${text.slice(0, 600)}…` : text)
}

function entries(upstreams: Upstreams): readonly [At, RawUpstream][] {
  return Object.entries(upstreams) as [At, RawUpstream][]
}
