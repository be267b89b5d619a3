import t from 'tap'
import { DEFAULT_CARRIERS } from '../../../core/carrier.ts'
import { Counters } from '../../../sidecar/counters.ts'
import { createDataPlane } from '../../../sidecar/data-plane.ts'
import { Destination } from '../../../sidecar/destination.ts'
import { RequestReader } from '../../../sidecar/http1/request-reader.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

t.test('a head that trickles in costs one scan per line, however long it is', async (t) => {
  const counters = new Counters()
  const plane = createDataPlane(DEFAULT_CARRIERS, counters, silent)
  const { requestHead } = plane
  const original = requestHead.scan.bind(requestHead)
  let scans = 0
  requestHead.scan = (bytes, start) => {
    scans++
    return original(bytes, start)
  }
  const options = { listen: '127.0.0.1:1', service: 'cart', baseline: { host: '127.0.0.1', port: 1 } }
  const destination = new Destination(
    { ...options, protocol: 'http', tables: [], counts: counters.of('cart') },
    DEFAULT_CARRIERS,
    { live: new Set(), own: undefined },
  )
  const reader = new RequestReader(destination, plane)
  const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'v'.repeat(100_000)}\r\n\r\n`)
  let early = 0
  for (let at = 0; at < head.length - 1; at++) if (reader.read(head.subarray(at, at + 1)) !== undefined) early++
  t.equal(early, 0)
  t.equal(reader.read(head.subarray(-1))?.kind, 'forward')
  t.ok(scans <= 6, `${scans} scans`)
})
