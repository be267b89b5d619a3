// Reading back what a kernel redirects.

import t from 'tap'
import { localNumber, readNftTable } from '../../../agent/node/nft-table.ts'
import { LOCAL_ADDRESSES, localAddress } from '../../../core/interception.ts'

t.test('the number of a local address is read back in both families', async (t) => {
  for (const number of [1, 2, 255, 256, 65_535, 65_536, 70_000, 4_128_767, LOCAL_ADDRESSES])
    for (const family of [4, 6] as const)
      t.equal(localNumber(localAddress(number, family)), number, localAddress(number, family))
})

for (const host of [
  '127.0.0.1',
  '127.128.0.1',
  '127.64.0.0',
  '127.127.255.255',
  '10.64.0.1',
  '127.64.1',
  'fd7d:5d77::',
  'fd7d:5d77::1:2:3',
  'fd7d:5d77::x',
  '::1',
  '',
]) {
  t.test(`${host || 'nothing'} has no number`, async (t) => {
    t.equal(localNumber(host), undefined)
  })
}

const map = (name: string, ...elem: readonly unknown[]) => ({
  map: { family: 'inet', name, table: 'sidetrack', elem },
})
const concat = (host: string, port: number) => ({ concat: [host, port] })

t.test('elements that lead elsewhere are told apart', async (t) => {
  const json = JSON.stringify({
    nftables: [
      { metainfo: { json_schema_version: 1 } },
      { set: { name: 'alive', elem: [{ elem: { val: 0, timeout: 3, expires: 2 } }] } },
      map(
        'destination4',
        [concat('10.96.0.1', 80), concat('127.64.0.9', 15_001)],
        [concat('10.96.0.2', 80), concat('127.64.0.9', 80)],
        [concat('10.96.0.3', 80), concat('192.0.2.1', 15_001)],
      ),
      map('destination6', [concat('fd96::1', 80), concat('fd7d:5d77::9', 15_001)]),
      map('inbound4', [concat('10.88.1.7', 8080), 15_100]),
      { map: { name: 'inbound6' } },
      map('foreign', [concat('10.96.0.4', 80), 15_100]),
    ],
  })
  t.strictSame(readNftTable(json), {
    redirects: new Map([
      ['10.96.0.1:80', 9],
      ['[fd96::1]:80', 9],
    ]),
    inbound: new Map([['10.88.1.7:8080', 15_100]]),
    strange: [
      { host: '10.96.0.2', port: 80 },
      { host: '10.96.0.3', port: 80 },
    ],
  })
})
