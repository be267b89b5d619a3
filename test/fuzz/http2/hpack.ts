// HPACK: no block makes the decoder throw or grow, a decoded block rewritten reads the same, and so does what node:http2 encodes.

import http2 from 'node:http2'
import { Duplex } from 'node:stream'
import { BlockReader } from '../../../sidecar/http2/hpack/block-reader.ts'
import { DynamicTable } from '../../../sidecar/http2/hpack/dynamic-table.ts'
import { LiteralWriter, literalBlock } from '../../../sidecar/http2/hpack/literal-writer.ts'
import { mutate } from '../mutation.ts'
import type { Random } from '../random.ts'
import type { Target } from '../target.ts'

const ODD = Buffer.from([0, 0x0f, 0x10, 0x1f, 0x20, 0x3e, 0x3f, 0x40, 0x7f, 0x80, 0xbe, 0xff])
const TABLE = 4096

type Fields = (readonly [string, string])[]

/** Undefined if it is broken. */
function decode(block: Buffer, table: DynamicTable | undefined, writer?: LiteralWriter): Fields | undefined {
  const reader = new BlockReader()
  const fields: Fields = []
  reader.start(block, 0, block.length, table)
  while (reader.next()) {
    fields.push([
      reader.name.toString('latin1', reader.nameStart, reader.nameEnd),
      reader.value.toString('latin1', reader.valueStart, reader.valueEnd),
    ])
    writer?.field(reader)
  }
  return reader.broken ? undefined : fields
}

export async function startHpack(): Promise<Target> {
  const counts = { sound: 0, broken: 0, fields: 0, 'by node:http2': 0 }
  const encoder = new NodeEncoder()
  return {
    name: 'hpack',
    concurrency: 1,
    generate: (random) => {
      const bytes = blocks(random)
      return random.chance(0.3) ? bytes : mutate(random, bytes, ODD)
    },
    async execute(input, random) {
      const limit = random.pick([0, 64, 256, TABLE])
      const table = new DynamicTable(limit)
      // Again and again with the same table, and with it what the time before has left there.
      for (let round = 0; round < 3; round++) {
        const writer = new LiteralWriter()
        const fields = decode(input, table, writer)
        if (table.size > limit || table.length > limit / 32) return `the table holds ${table.size} of ${limit} bytes`
        counts[fields === undefined ? 'broken' : 'sound']++
        if (fields === undefined) return undefined
        counts.fields += fields.length
        for (const block of [writer.take(), literalBlock(fields)]) {
          const again = decode(block, undefined)
          if (JSON.stringify(again) !== JSON.stringify(fields)) return `rewritten it reads ${JSON.stringify(again)}`
        }
      }
      if (!random.chance(0.05)) return undefined
      counts['by node:http2']++
      return encoder.compare(ordinary(random))
    },
    summary: () => JSON.stringify(counts),
    close: async () => encoder.close(),
  }
}

/** A session of node:http2 whose frames are caught, and its encoder's table on this side. */
class NodeEncoder {
  #bytes = Buffer.alloc(0)
  readonly #table = new DynamicTable(TABLE)
  readonly #session: http2.ClientHttp2Session
  readonly #wire: Duplex

  constructor() {
    this.#wire = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#bytes = Buffer.concat([this.#bytes, chunk])
        done()
      },
    })
    this.#session = http2.connect('http://a', { createConnection: () => this.#wire }).on('error', () => {})
    this.#wire.push(Buffer.from('000000040000000000', 'hex'))
  }

  async compare(headers: Record<string, string>): Promise<string | undefined> {
    const stream = this.#session.request({ ':path': '/', ...headers }, { endStream: true }).on('error', () => {})
    let block: Buffer | undefined
    for (let turns = 0; block === undefined && turns < 1000; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      block = this.#nextBlock()
    }
    const { id = 0 } = stream
    const reset = Buffer.from('00000403000000000000000000', 'hex')
    reset.writeUInt32BE(id, 5)
    this.#wire.push(reset)
    const fields = block === undefined ? undefined : decode(block, this.#table)
    const read = Object.fromEntries(fields ?? [])
    const wrong = Object.entries(headers).find(([name, value]) => read[name] !== value)
    return wrong === undefined
      ? undefined
      : `node:http2 encodes ${JSON.stringify(wrong)}, decoded: ${JSON.stringify(fields)}`
  }

  #nextBlock(): Buffer | undefined {
    if (this.#bytes.subarray(0, 3).toString() === 'PRI') this.#bytes = this.#bytes.subarray(24)
    while (this.#bytes.length >= 9) {
      const end = 9 + this.#bytes.readUIntBE(0, 3)
      if (this.#bytes.length < end) return undefined
      const [type, flags = 0] = this.#bytes.subarray(3, 5)
      const payload = this.#bytes.subarray(9 + ((flags & 0x20) === 0 ? 0 : 5), end)
      this.#bytes = this.#bytes.subarray(end)
      if (type === 1) return payload
    }
    return undefined
  }

  close(): void {
    this.#session.destroy()
  }
}

function ordinary(random: Random): Record<string, string> {
  const value = (): string =>
    String.fromCharCode(...Array.from({ length: random.below(40) }, () => 33 + random.below(94)))
  return Object.fromEntries(random.list(6, (n) => [`x-${random.pick(['a', 'name', 'long-name'])}-${n}`, value()]))
}

/** Fields in every form of RFC 7541 §6, sizes and indexes often at the edge of what is allowed. */
function blocks(random: Random): Buffer {
  const update = random.chance(0.2) ? [integer(0x20, 5, random.pick([0, 32, 64, 256, TABLE]))] : []
  return Buffer.concat([...update, ...random.list(14, () => one(random))])
}

function one(random: Random): Buffer {
  switch (random.below(7)) {
    case 0:
    case 1:
      return integer(0x80, 7, random.mostly(1 + random.below(61), [0, 62, 63, 70, 130], 0.1))
    case 2:
      return random.chance(0.1) ? integer(0x20, 5, random.pick([0, 32, 64, 256, TABLE + 1])) : Buffer.of(0x82)
    case 3:
      return Buffer.concat([integer(0x40, 6, 0), text(random), text(random)])
    case 4:
      return Buffer.concat([integer(0x40, 6, 1 + random.below(61)), text(random)])
    case 5:
      return Buffer.concat([integer(random.pick([0, 0x10]), 4, 0), text(random), text(random)])
    default:
      return Buffer.concat([
        integer(random.pick([0, 0x10]), 4, random.mostly(1 + random.below(61), [62, 63, 64], 0.1)),
        text(random),
      ])
  }
}

function text(random: Random): Buffer {
  const bytes = random.chance(0.3)
    ? random.bytes(random.below(12))
    : Buffer.alloc(random.pick([0, 1, 3, 30, 130, 300]), 'a')
  // Most bytes are some Huffman code, only the padding of a whole string is mostly wrong.
  const coded = random.chance(0.15)
  // Eight times `a`, whose code is 00011: five bytes without padding.
  if (coded && random.chance(0.8)) return Buffer.from('8518c6318c63', 'hex')
  return Buffer.concat([
    integer(coded ? 0x80 : 0, 7, bytes.length),
    coded ? Buffer.from(bytes.map((b) => b & 0x7f)) : bytes,
  ])
}

function integer(form: number, prefix: number, value: number): Buffer {
  const most = 2 ** prefix - 1
  if (value < most) return Buffer.of(form | value)
  const bytes = [form | most]
  let rest = value - most
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}
