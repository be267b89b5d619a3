import net from 'node:net'
import * as fc from 'fast-check'
import t from 'tap'
import { formatAddress, isIpv4, isIpv6, parseAddress } from '../../core/address.ts'

t.test('an address is an IP literal and a port', async (t) => {
  const addresses: Record<string, readonly [string, number]> = {
    '10.0.0.7:8080': ['10.0.0.7', 8080],
    '0.0.0.0:1': ['0.0.0.0', 1],
    '255.255.255.255:65535': ['255.255.255.255', 65_535],
    '[::1]:80': ['::1', 80],
    '[fd00::7]:8080': ['fd00::7', 8080],
    '[1:2:3:4:5:6:7:8]:9': ['1:2:3:4:5:6:7:8', 9],
    '[::ffff:10.0.0.7]:80': ['::ffff:10.0.0.7', 80],
  }
  for (const [text, [host, port]] of Object.entries(addresses)) {
    t.strictSame(parseAddress(text), { host, port }, text)
    t.equal(formatAddress({ host, port }), text)
  }
})

t.test('anything else is none', async (t) => {
  const others = [
    '',
    ':',
    ':80',
    '10.0.0.7',
    '10.0.0.7:',
    '10.0.0.7:0',
    '10.0.0.7:65536',
    '10.0.0.7:080',
    '10.0.0.7:+80',
    '10.0.0.7:8e1',
    '10.0.0.7: 80',
    '10.0.0.7:80 ',
    ' 10.0.0.7:80',
    '10.0.0:80',
    '10.0.0.0.7:80',
    '10.0.0.256:80',
    '10.0.0.07:80',
    '10.0.0.:80',
    '.10.0.0:80',
    '10..0.7:80',
    '0x0a.0.0.7:80',
    'localhost:80',
    'cart:80',
    '::1:80',
    '[::1]',
    '[::1]:',
    '[]:80',
    '[::1:80',
    '::1]:80',
    '[10.0.0.7]:80',
    '[fe80::1%eth0]:80',
    '[1:2:3:4:5:6:7]:80',
    '[1:2:3:4:5:6:7:8:9]:80',
    '[1::2::3]:80',
    '[:::1]:80',
    '[12345::]:80',
    '[g::]:80',
    '[1.2.3.4::]:80',
    '[::1.2.3]:80',
  ]
  for (const text of others) t.equal(parseAddress(text), undefined, JSON.stringify(text))
})

t.test('Node agrees on what an IP literal is', async (t) => {
  const near = fc.array(
    fc.constantFrom('0', '1', '25', '255', '256', '01', 'f', 'ffff', '.', '.', ':', ':', '::', '%', ' '),
    { maxLength: 16 },
  )
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    near.map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(
      texts,
      (text) => isIpv4(text) === net.isIPv4(text) && (text.includes('%') || isIpv6(text) === net.isIPv6(text)),
    ),
    { numRuns: 20_000 },
  )
  t.pass('in 20,000 texts')
})
