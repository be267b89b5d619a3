// What the kernel's lists of connections say, and which of them go past the sidecar.

import t from 'tap'
import { type Redirected, pastSidecar, readConnections, throughSidecar } from '../../../agent/node/sockets.ts'

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
  t.strictSame(past(list, { calls: (address) => address === '10.96.0.12:80' }), ['10.88.1.7:40001'])
})

const OWN = '0701580A:1F90' // 10.88.1.7:8080
const ARRIVED =
  HEAD +
  line(OWN, '0501580A:9C40', 1000) + // from 10.88.1.5
  line(OWN, '0101580A:9C41', 1000) + // from the node
  line(OWN, '0701580A:9C42', 1000) + // from the sidecar, for a connection that it has taken
  line('0701580A:9C42', OWN, 1337) +
  line('00000000:3AFC', '0501580A:9C43', 1337) +
  line('0701580A:1F91', '0501580A:9C44', 1000)

const arrivals = (address: string) => address === '10.88.1.7:8080'
const isProbe = (host: string, port: number) => host === '10.88.1.1' && port === 8080

t.test("of what arrives at a redirected address, the pod's own and the kubelet's probes are not older", async (t) => {
  t.strictSame(past(ARRIVED, { arrivals }), ['10.88.1.5:40000', '10.88.1.1:40001'])
  t.strictSame(past(ARRIVED, { arrivals, isProbe }), ['10.88.1.5:40000'])
  t.strictSame(past(ARRIVED, {}), [])
})

/** The app's end of calls, or the client's of what arrives. */
function past(text: string, redirected: Partial<Redirected>): readonly string[] {
  const none: Redirected = { calls: () => false, arrivals: () => false, isProbe: () => false }
  const found = pastSidecar(readConnections(text), { ...none, ...redirected }, (uid) => uid === 1337)
  return found.map(({ local, remote }) => (redirected.arrivals === undefined ? local : remote))
}
