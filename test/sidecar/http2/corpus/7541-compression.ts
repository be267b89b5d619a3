// RFC 7541 and RFC 9113 §4.3: compressed header blocks, right and broken.

import { GET, OK, POST, plus } from '../../../fixtures/http2/fields.ts'
import { type Case, type Sent, CODE, answered, asked, breaks, head, reset, severs, whole } from './case.ts'
import { block, headers, hex, indexed, neverIndexed } from './frames.ts'

const B = block(GET)

const passesAs = (rfc: string, name: string, frames: readonly Sent[], fields = GET): Case => ({
  rfc,
  name,
  steps: [{ send: frames }, { sees: [whole(1, fields)] }, ...answered],
})
const compression = (name: string, bytes: Uint8Array): Case =>
  breaks('9113 §4.3', name, CODE.compression, [headers(1, Buffer.concat([B, bytes]))])

export const compressed: readonly Case[] = [
  compression('index 0 ends the connection with COMPRESSION_ERROR', hex('80')),
  compression('an index beyond the tables ends the connection', hex('be')),
  compression('an index far beyond the tables ends the connection', hex('ffff03')),
  compression('a literal whose name has an index beyond the tables ends the connection', hex('0f80 01 0161')),
  compression('an integer that never ends ends the connection', hex('ffffffffffffffffffff')),
  compression('a string that is longer than its block ends the connection', hex('00 01 78 7f 00')),
  compression('a literal without a value ends the connection', hex('00 01 78')),
  compression('a literal without a name ends the connection', hex('00')),
  compression('Huffman code with padding longer than 7 bits ends the connection', hex('00 01 78 82 1f ff')),
  compression('Huffman code with padding of zeros ends the connection', hex('00 01 78 81 18')),
  compression('Huffman code with EOS in it ends the connection', hex('00 01 78 84 ff ff ff ff')),
  compression('a table size beyond the one allowed ends the connection', hex('3fe21f')),
  compression('a table size after the first field ends the connection', hex('20')),
  {
    ...breaks('9113 §4.3', 'a table size beyond the default ends the connection', CODE.compression, [
      headers(1, Buffer.concat([hex('3fe21f'), B])),
    ]),
  },
  passesAs('7541 §6.3', 'table sizes before the first field pass', [headers(1, Buffer.concat([hex('20 3fe11f'), B]))]),
  passesAs(
    '7541 §5.2',
    'Huffman-coded fields pass',
    [
      // custom-key: custom-value (RFC 7541 C.4.3)
      headers(1, Buffer.concat([B, hex('00 88 25a849e95ba97d7f 89 25a849e95bb8e8b4bf')])),
    ],
    plus(GET, ['custom-key', 'custom-value']),
  ),
  passesAs(
    '7541 §5.1',
    'an integer with needless zeros passes',
    [
      // A value of 127 bytes, whose length says + 0 in three bytes.
      headers(1, Buffer.concat([B, hex('00 01 78 7f 80 80 00'), Buffer.alloc(127, 'v')])),
    ],
    plus(GET, ['x', 'v'.repeat(127)]),
  ),
  {
    rfc: '7541 §2.3.2',
    name: 'a client that has not acknowledged may use its table, and the upstream sees literals',
    steps: [
      { send: [headers(1, Buffer.concat([B, indexed([['x', 'y']])]))] },
      { sees: [whole(1, plus(GET, ['x', 'y']))] },
      { send: [headers(3, Buffer.concat([B, hex('be')]))] },
      { sees: [whole(3, plus(GET, ['x', 'y']))] },
      ...answered,
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '7541 §4.4',
    name: 'a field larger than the table empties it, and an index into it ends the connection',
    steps: [
      {
        send: [
          headers(
            1,
            Buffer.concat([
              B,
              indexed([
                ['x', 'y'],
                ['z', 'v'.repeat(5000)],
              ]),
            ]),
          ),
        ],
      },
      { sees: [whole(1, plus(GET, ['x', 'y'], ['z', 'v'.repeat(5000)]))] },
      { send: [headers(3, Buffer.concat([B, hex('be')]))] },
      { goaway: CODE.compression },
    ],
  },
  {
    rfc: '7541 §7.1.3',
    name: 'a field that is never indexed stays so, in a request that passes as it is',
    steps: [
      { send: [headers(1, Buffer.concat([B, neverIndexed([['authorization', 'secret']])]))] },
      { sees: [{ ...whole(1, plus(GET, ['authorization', 'secret'])), never: ['authorization'] }] },
      ...answered,
    ],
  },
  {
    rfc: '7541 §7.1.3',
    name: 'a field that is never indexed stays so in a request that gets a key',
    own: 'pr-own',
    steps: [
      { send: [headers(1, Buffer.concat([B, neverIndexed([['authorization', 'secret']])]))] },
      {
        sees: [
          {
            ...whole(1, plus(GET, ['authorization', 'secret'], ['baggage', 'sidetrack=pr-own'])),
            never: ['authorization'],
          },
        ],
      },
      ...answered,
    ],
  },
  {
    rfc: '7541 §7.1.3',
    name: 'a field of a response that is never indexed stays so',
    steps: [
      ...asked,
      { reply: [headers(1, Buffer.concat([block(OK), neverIndexed([['set-cookie', 'secret']])]))] },
      { gets: [{ ...whole(1, plus(OK, ['set-cookie', 'secret'])), never: ['set-cookie'] }] },
    ],
  },
  {
    rfc: '7541 §2.3.2',
    name: 'a response that uses the table reaches the client as literals',
    steps: [
      ...asked,
      { reply: [headers(1, Buffer.concat([block(OK), indexed([['x', 'y']])]))] },
      { gets: [whole(1, plus(OK, ['x', 'y']))] },
    ],
  },
  severs('9113 §4.3', 'a block of an upstream that cannot be decoded ends the connection to it', CODE.compression, [
    headers(1, Buffer.concat([block(OK), hex('80')])),
  ]),
  {
    rfc: '9113 §4.3',
    name: 'a block that is refused changes the table all the same',
    steps: [
      { send: [headers(1, Buffer.concat([block([...GET, ['X', '1']]), indexed([['x', 'y']])]))] },
      { gets: [reset(1, CODE.protocol)] },
      { send: [headers(3, Buffer.concat([B, hex('be')]))] },
      { sees: [whole(3, plus(GET, ['x', 'y']))] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
  {
    rfc: '9113 §4.3',
    name: 'a block of a stream that was reset changes the table all the same',
    steps: [
      { send: [head(1, POST)] },
      { sees: [head(1, POST)] },
      { reply: [reset(1, CODE.cancel)] },
      { gets: [reset(1, CODE.cancel)] },
      { send: [headers(1, indexed([['x', 'y']])), headers(3, Buffer.concat([B, hex('be')]))] },
      { sees: [whole(3, plus(GET, ['x', 'y']))] },
      { reply: [whole(3, OK)] },
      { gets: [whole(3, OK)] },
    ],
  },
]
