// HPACK against the vectors of RFC 7541 Appendix C, and against the encoder of node:http2.

import http2 from 'node:http2'
import net from 'node:net'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { listen } from '../../fixtures/http2/listen.ts'
import { BlockReader } from '../../../sidecar/http2/hpack/block-reader.ts'
import { DynamicTable } from '../../../sidecar/http2/hpack/dynamic-table.ts'
import { huffmanCodes } from '../../../sidecar/http2/hpack/huffman-code.ts'
import { decodedRoom, decodeHuffman } from '../../../sidecar/http2/hpack/huffman.ts'
import { LiteralWriter, literalBlock } from '../../../sidecar/http2/hpack/literal-writer.ts'
import { STATIC_LENGTH, staticName } from '../../../sidecar/http2/hpack/static-table.ts'

type Fields = (readonly [string, string])[]

function decode(block: Buffer, table?: DynamicTable): Fields | 'broken' {
  const reader = new BlockReader()
  const fields: Fields = []
  reader.start(block, 0, block.length, table)
  while (reader.next()) fields.push(shown(reader))
  return reader.broken ? 'broken' : fields
}

function shown(reader: BlockReader): readonly [string, string] {
  return [
    reader.name.toString('latin1', reader.nameStart, reader.nameEnd),
    reader.value.toString('latin1', reader.valueStart, reader.valueEnd),
  ]
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

function encodeHuffman(text: Buffer): Buffer {
  const codes = huffmanCodes()
  let bits = ''
  for (const byte of text) {
    const code = codes.find(({ symbol }) => symbol === byte)
    if (code === undefined) throw new Error('no such symbol')
    bits += code.bits.toString(2).padStart(code.length, '0')
  }
  bits += '1'.repeat((8 - (bits.length % 8)) % 8)
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

const REQUEST_1: Fields = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'www.example.com'],
]
const REQUEST_2: Fields = [...REQUEST_1, ['cache-control', 'no-cache']]
const REQUEST_3: Fields = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/index.html'],
  [':authority', 'www.example.com'],
  ['custom-key', 'custom-value'],
]

function response(status: string, date: string, more: Fields = []): Fields {
  return [
    [':status', status],
    ['cache-control', 'private'],
    ['date', date],
    ['location', 'https://www.example.com'],
    ...more,
  ]
}

const RESPONSES = [
  response('302', 'Mon, 21 Oct 2013 20:13:21 GMT'),
  response('307', 'Mon, 21 Oct 2013 20:13:21 GMT'),
  [
    [':status', '200'],
    ['cache-control', 'private'],
    ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
    ['location', 'https://www.example.com'],
    ['content-encoding', 'gzip'],
    ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
  ],
] as Fields[]

t.test('the single fields of RFC 7541 C.2 are read', async (t) => {
  const table = new DynamicTable(4096)
  t.same(decode(hex('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'), table), [
    ['custom-key', 'custom-header'],
  ])
  t.equal(table.size, 55)
  t.same(decode(hex('040c 2f73 616d 706c 652f 7061 7468')), [[':path', '/sample/path']])
  t.same(decode(hex('1008 7061 7373 776f 7264 0673 6563 7265 74')), [['password', 'secret']])
  t.same(decode(hex('82')), [[':method', 'GET']])
})

for (const [name, blocks] of [
  [
    'C.3, without Huffman code',
    [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ],
  ],
  [
    'C.4, with Huffman code',
    [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  ],
] as const) {
  t.test(`the three requests of RFC 7541 ${name} are read with one table`, async (t) => {
    const table = new DynamicTable(4096)
    t.same(
      blocks.map((block) => decode(hex(block), table)),
      [REQUEST_1, REQUEST_2, REQUEST_3],
    )
    t.equal(table.size, 164)
    t.equal(table.length, 3)
  })
}

for (const [name, blocks] of [
  [
    'C.5, without Huffman code',
    [
      '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '4803 3330 37c1 c0bf',
      '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
    ],
  ],
  [
    'C.6, with Huffman code',
    [
      '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
      '4883 640e ffc1 c0bf',
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    ],
  ],
] as const) {
  t.test(`the three responses of RFC 7541 ${name} evict from a table of 256 bytes`, async (t) => {
    const table = new DynamicTable(256)
    t.same(
      blocks.map((block) => decode(hex(block), table)),
      RESPONSES,
    )
    t.equal(table.size, 215)
    t.equal(table.length, 3)
  })
}

t.test('integers are read to 28 bits and no further', async (t) => {
  // C.1.2: 1337 with a prefix of five bits is the size in an update; a table of that size may have it.
  t.same(decode(hex('3f9a0a 82'), new DynamicTable(1337)), [[':method', 'GET']])
  t.equal(decode(hex('3f9a0a 82'), new DynamicTable(1336)), 'broken')
  t.equal(decode(hex('7f ffffffffff0f')), 'broken', 'six bytes')
  t.equal(decode(hex('7f ffff')), 'broken', 'cut off')
})

t.test('a block that cannot be decoded is broken', async (t) => {
  for (const [why, block] of [
    ['index 0', '80'],
    ['an index past the static table without a dynamic one', 'be'],
    ['a name index past the static table', '7f00 0161'],
    ['a cut-off name', '4005 6162'],
    ['a cut-off value', '4001 61 05 62'],
    ['no value', '4001 61'],
    ['a size update that raises the table', '3f01 82'],
    ['a size update after a field', '82 20'],
    ['Huffman padding of eight bits', '0001 61 82 1fff'],
    ['Huffman padding of zeros', '0001 61 81 18'],
    ['Huffman EOS', '0001 61 84 ffff ffff'],
  ] as const) {
    t.equal(decode(hex(block)), 'broken', why)
  }
})

t.test('every byte survives Huffman code', async (t) => {
  const all = Buffer.from(Array.from({ length: 1024 }, (_, index) => (index * 37) & 255))
  const coded = encodeHuffman(all)
  const room = Buffer.alloc(decodedRoom(coded.length))
  const length = decodeHuffman(coded, 0, coded.length, room)
  t.same(room.subarray(0, length), all)
  for (let byte = 0; byte < 256; byte++) {
    const one = encodeHuffman(Buffer.of(byte))
    t.equal(decodeHuffman(one, 0, one.length, room), 1)
    t.equal(room[0], byte)
  }
})

t.test('a field larger than the table empties it and is still read', async (t) => {
  const table = new DynamicTable(64)
  t.same(decode(hex('4001 61 01 62'), table), [['a', 'b']])
  t.equal(table.length, 1)
  const large = Buffer.concat([hex('4001 63 40'), Buffer.alloc(64, 'x')])
  t.same(decode(large, table), [['c', 'x'.repeat(64)]])
  t.equal(table.length, 0)
  t.equal(decode(hex('be'), table), 'broken')
})

t.test('what is rewritten reads the same without a table, and what is never indexed stays so', async (t) => {
  const table = new DynamicTable(4096)
  const long = 'v'.repeat(5000)
  const blocks = [
    Buffer.concat([hex('82 4001 61 01 62 1003 6b6579 03 736563'), literalBlock([['long', long]])]),
    hex('be 82 1f2f 0161'),
  ]
  const writer = new LiteralWriter()
  for (const block of blocks) {
    const fields: Fields = []
    const reader = new BlockReader()
    writer.reset()
    reader.start(block, 0, block.length, table)
    while (reader.next()) {
      fields.push(shown(reader))
      writer.field(reader)
    }
    t.notOk(reader.broken)
    const rewritten = writer.take()
    t.same(decode(rewritten), fields)
    if (fields.length > 3) t.ok(rewritten.includes(hex('1003 6b6579 03 736563')))
  }
})

t.test('the static table is that of Appendix A', async (t) => {
  t.equal(STATIC_LENGTH, 61)
  t.equal(staticName(61), 'www-authenticate')
  t.same(decode(hex('90')), [['accept-encoding', 'gzip, deflate']])
})

t.test('blocks that node:http2 encodes with its dynamic table are read as it meant them', async (t) => {
  const table = new DynamicTable(4096)
  const seen: Fields[] = []
  const server = net.createServer((socket) => {
    let bytes = Buffer.alloc(0)
    let at = 24
    socket.write(hex('000000 04 00 00000000'))
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length - at >= 9 && bytes.length - at >= 9 + bytes.readUIntBE(at, 3)) {
        const length = bytes.readUIntBE(at, 3)
        if (bytes[at + 3] === 1) {
          const skip = ((bytes[at + 4] ?? 0) & 0x20) === 0 ? 0 : 5
          const fields = decode(bytes.subarray(at + 9 + skip, at + 9 + length), table)
          if (fields !== 'broken') seen.push(fields)
        }
        at += 9 + length
      }
    })
  })
  const port = await listen(server)
  const client = http2.connect(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  const expected: Record<string, string>[] = []
  for (let request = 0; request < 200; request++) {
    const headers: Record<string, string> = { ':path': `/${request % 17}`, 'x-odd': `ü${'~'.repeat(request)}` }
    for (let field = 0; field < request % 12; field++) headers[`h-${field}`] = String(request * field)
    expected.push(headers)
    client.request(headers, { endStream: true }).on('error', () => {})
  }
  await until(() => seen.length >= expected.length)
  for (const [index, headers] of expected.entries()) {
    const got = Object.fromEntries(seen[index] ?? [])
    for (const [name, value] of Object.entries(headers)) {
      if (got[name] !== value) t.equal(got[name], value, `request ${index}, ${name}`)
    }
  }
  t.equal(seen.length, 200)
  client.destroy()
  server.close()
})
