import t from 'tap'
import { assemblePath, flatten } from '../../examples/shop/path.ts'
import { parseSpan, type Span } from '../../examples/shop/services/span.ts'
import { type FinishedPath, Traces } from '../../examples/shop/traces.ts'

const common = { traceId: 'a1', variant: 'baseline', status: 200, ms: 1, start: 0 }

function server(spanId: string, parentId: string | undefined, service: string, more: Partial<Span> = {}): Span {
  return { ...common, kind: 'server', spanId, service, ...(parentId === undefined ? {} : { parentId }), ...more }
}

function client(spanId: string, parentId: string, service: string, peer: string, more: Partial<Span> = {}): Span {
  return { ...common, kind: 'client', spanId, parentId, service, peer, ...more }
}

const ROOT = server('s1', undefined, 'storefront', { calls: 1 })
const WHOLE: readonly Span[] = [
  ROOT,
  client('c1', 's1', 'storefront', 'cart', { ms: 4 }),
  server('s2', 'c1', 'cart', { variant: 'pr-42', calls: 2 }),
  client('c3', 's2', 'cart', 'catalog', { start: 2 }),
  client('c2', 's2', 'cart', 'pricing', { start: 1 }),
  server('s3', 'c2', 'pricing'),
  server('s4', 'c3', 'catalog'),
]

function isRoot(span: Span): boolean {
  return span.parentId === undefined
}

t.test('a path follows the parents of the spans, calls in the order in which they began', async (t) => {
  const path = assemblePath(ROOT, WHOLE, 'wait')
  if (path === undefined) throw new Error('no path')
  t.same(
    flatten(path).map(({ caller, service, variant, ms }) => [caller, service, variant, ms]),
    [
      [undefined, 'storefront', 'baseline', 1],
      ['storefront', 'cart', 'pr-42', 4],
      ['cart', 'pricing', 'baseline', 1],
      ['cart', 'catalog', 'baseline', 1],
    ],
  )
})

t.test('a path waits for every answered call, unless told to show what there is', async (t) => {
  for (const missing of WHOLE.filter(({ kind, parentId }) => kind === 'server' && parentId !== undefined)) {
    const rest = WHOLE.filter((span) => span !== missing)
    t.equal(assemblePath(ROOT, rest, 'wait'), undefined, missing.service)
    const path = assemblePath(ROOT, rest, 'show')
    t.equal(
      path === undefined ? undefined : flatten(path).find(({ service }) => service === missing.service)?.variant,
      '?',
    )
  }
})

t.test('a call that no application answered needs no server span', async (t) => {
  const refused = client('c1', 's1', 'storefront', 'cart', { status: 503, fault: 'ST1102' })
  t.match(assemblePath(ROOT, [ROOT, refused], 'wait')?.calls, [
    { service: 'cart', variant: undefined, fault: 'ST1102', status: 503 },
  ])
})

t.test('a call that two processes saw, or the wrong service answered, shows in the variant', async (t) => {
  const twice = [...WHOLE, server('s9', 'c1', 'cart')]
  t.equal(assemblePath(ROOT, twice, 'wait')?.calls[0]?.variant, 'pr-42+baseline')
  const wrong = WHOLE.map((span) => (span.spanId === 's2' ? { ...span, service: 'pricing' } : span))
  t.equal(assemblePath(ROOT, wrong, 'wait')?.calls[0]?.variant, 'pricing/pr-42')
})

t.test('spans may arrive in any order, and a path is shown once', async (t) => {
  for (let turn = 0; turn < WHOLE.length; turn++) {
    const shown: FinishedPath[] = []
    const traces = new Traces(isRoot, (finished) => shown.push(finished))
    const turned = [...WHOLE.slice(turn), ...WHOLE.slice(0, turn)]
    for (const [index, span] of turned.entries()) {
      t.equal(shown.length, 0, `not before span ${index}`)
      traces.add(span)
    }
    t.equal(shown.length, 1)
    t.same(shown[0]?.path, assemblePath(ROOT, WHOLE, 'wait'))
  }
})

t.test('traces do not mix', async (t) => {
  const shown: FinishedPath[] = []
  const traces = new Traces(isRoot, (finished) => shown.push(finished))
  for (const span of WHOLE) {
    traces.add(span)
    traces.add({ ...span, traceId: 'b2' })
  }
  t.same(
    shown.map(({ root }) => root.traceId),
    ['a1', 'b2'],
  )
})

t.test('requests that share a trace are shown each on its own', async (t) => {
  const shown: FinishedPath[] = []
  const traces = new Traces(
    ({ service, kind }) => kind === 'server' && service === 'storefront',
    (finished) => shown.push(finished),
  )
  for (const span of WHOLE) {
    traces.add(span)
    const { parentId = 'user', spanId } = span
    traces.add({ ...span, spanId: `${spanId}'`, parentId: parentId === 'user' ? parentId : `${parentId}'` })
  }
  t.same(
    shown.map(({ path }) => flatten(path).length),
    [4, 4],
  )
})

t.test('a request that came with a trace of its own is shown when nobody turns out to be its caller', async (t) => {
  const finished = await new Promise<FinishedPath>((resolve) => {
    new Traces(isRoot, resolve).add(server('s7', 'somebody', 'cart'))
    // The collector's timer alone keeps no process alive.
    t.teardown(() => clearInterval(alive))
    const alive = setInterval(() => {}, 1000)
  })
  t.match(finished.path, { service: 'cart', caller: undefined, variant: 'baseline' })
})

t.test('a line that is no span is none', async (t) => {
  for (const line of ['', 'hello', '{"listening":1}', '{"traceId":']) t.equal(parseSpan(line), undefined, line)
  t.same(parseSpan(JSON.stringify(ROOT)), ROOT)
})
