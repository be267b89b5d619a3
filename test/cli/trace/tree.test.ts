import t from 'tap'
import { endsOf } from '../../../cli/trace/ends.ts'
import { traceText } from '../../../cli/trace/text.ts'
import { traceTree } from '../../../cli/trace/tree.ts'
import type { HopLine } from '../../../core/hop-line.ts'
import type { Hop } from '../../../core/hop.ts'

const hop = (id: string, parent: string, sidecar: string, service: string, change: Partial<Hop> = {}): HopLine => ({
  sidecar: `shop/${sidecar}`,
  hop: {
    trace: 'x',
    id,
    parent,
    service: `shop/${service}`,
    inbound: false,
    fork: '',
    to: '10.0.0.1:80',
    protocol: 'HTTP/1',
    method: 'GET',
    path: '/',
    at: 1000,
    milliseconds: 10,
    status: 200,
    code: '',
    ...change,
  },
})
const end = (line: HopLine, isWatched?: boolean) => endsOf(traceTree([line]), () => isWatched)[0]
const drawn = (lines: readonly HopLine[], watched: (line: HopLine) => boolean | undefined = () => true) => {
  const tree = traceTree(lines)
  const ends = endsOf(tree, watched)
  return traceText({ id: 'x', request: undefined, tree, knowsCallers: true, ends, unread: [] }).split('\n')
}

t.test('hops hang on the hop that they name, whatever the order and the clocks', async (t) => {
  const lines = drawn([
    hop('c', 'b', 'cart--pr-42-1', 'pricing', { at: 5 }),
    hop('a', '', 'front-1', 'cart', { fork: 'pr-42', at: 7 }),
    hop('b', 'a', 'cart--pr-42-1', 'stock', { at: 9 }),
  ])
  t.match(lines[0], /^└─ from shop\/front-1 +\(no sidecar saw/)
  t.match(lines[1], /^ {3}└─ shop\/cart +pr-42/)
  t.match(lines[2], /^ {6}└─ shop\/stock/)
  t.match(lines[3], /from shop\/cart--pr-42-1 +\(behind others that have no sidecar\)/)
})

t.test('a hop whose parent was not reported is placed by pod and time, and says so', async (t) => {
  const all = [hop('a', '', 'front-1', 'cart'), hop('c', 'lost', 'cart-77-x', 'pricing', { at: 1002 })]
  t.match(drawn(all).join('\n'), /└─ ~ shop\/pricing[^]*~ has its place by pod and time/)
  const late = [all[0], hop('c', 'lost', 'cart-77-x', 'pricing', { at: 9000 })] as HopLine[]
  t.equal(traceTree(late).length, 2)
})

t.test('a report that came twice is drawn once, and marks that go in a ring end', async (t) => {
  const twice = hop('a', '', 'front-1', 'cart')
  t.equal(traceTree([twice, twice]).length, 1)
  t.doesNotThrow(() => drawn([hop('a', 'b', 'x', 'y'), hop('b', 'a', 'x', 'y')]))
  t.doesNotThrow(() => drawn([hop('a', 'a', 'x', 'y')]))
})

t.test('an end says what is known of it', async (t) => {
  t.match(end(hop('a', '', 'f', 'cart'), true), { text: /no call that left it carried it/, mend: /baggage/ })
  t.match(end(hop('a', '', 'f', 'cart'), false), {
    text: /have no sidecar/,
    mend: 'opt it in: sidetrack enable deploy/cart',
  })
  t.match(end(hop('a', '', 'f', 'cart', { status: 503, code: 'ST1101' })), { text: /ST1101/ })
  t.match(end(hop('a', '', 'f', 'cart', { status: 0 })), { text: 'shop/cart did not answer' })
  t.match(end(hop('a', '', 'f', 'cart', { fork: 'pr-42' })), { what: 'shop/cart (pr-42)' })
})

t.test('a Service that one call went on from is no end', async (t) => {
  const ends = endsOf(
    traceTree([hop('a', '', 'f', 'cart'), hop('b', 'a', 'cart-1', 'pricing'), hop('c', '', 'f', 'cart')]),
    () => true,
  )
  t.same(
    ends.map(({ what }) => what),
    ['shop/pricing'],
  )
})
