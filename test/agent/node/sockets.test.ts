// What the kernel's lists of connections say, and which of them go past the sidecar.

import t from 'tap'
import { pastSidecar, readConnections, throughSidecar } from '../../../agent/node/sockets.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (local: string, remote: string, uid: number, state = '01') =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 1 1 0 20 4 0 10 -1\n`

const APP = '0701580A:9C40' // 10.88.1.7:40000
const OLD = '0701580A:9C41'
const CART = '0C00600A:0050' // 10.96.0.12:80
const OTHER = '0D00600A:0050'
const TAKEN = '0000000000000000FFFF000001004D7F:3A99' // ::ffff:127.77.0.1:15001
const APP_MAPPED = '0000000000000000FFFF00000701580A:9C40'
const V6 = '8800FD00000000000000000007000000:9C40'.replace('8800FD00', '880000FD')

const list =
  HEAD +
  line(APP, CART, 1000) +
  line(OLD, CART, 1000) +
  line('0701580A:9C42', CART, 1337) +
  line('0701580A:9C43', OTHER, 1000) +
  line('0701580A:9C44', CART, 1000, '06') +
  line(TAKEN, APP_MAPPED, 1337)

t.test('addresses of both families are read, and only what is open', async (t) => {
  const found = readConnections(list)
  t.equal(found.length, 5)
  t.match(found[0], { local: '10.88.1.7:40000', remote: '10.96.0.12:80', remotePort: 80, uid: 1000 })
  t.match(found.at(-1), { local: '127.77.0.1:15001', remote: '10.88.1.7:40000', localPort: 15_001 })
  t.equal(readConnections(HEAD + line(V6, V6, 0))[0]?.local, '[fd00:88::7]:40000')
})

t.test('a connection whose other end the sidecar has goes through it, an older one past it', async (t) => {
  const found = readConnections(list)
  t.equal(throughSidecar(found).length, 1)
  const past = pastSidecar(
    found,
    (address) => address === '10.96.0.12:80',
    (uid) => uid === 1337,
  )
  t.strictSame(
    past.map(({ local }) => local),
    ['10.88.1.7:40001'],
  )
})
