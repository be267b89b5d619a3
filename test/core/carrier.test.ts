import t from 'tap'
import { type Carrier, DEFAULT_CARRIERS, parseCarrier, readKeys } from '../../core/carrier.ts'

const read = (carriers: readonly Carrier[], headers: Readonly<Record<string, string>>) =>
  readKeys(carriers, (index) => headers[carriers[index]?.header ?? ''])
const carriers = (...texts: readonly string[]) => texts.map((text) => parseCarrier(text) as Carrier)

t.test('a carrier is a baggage member, a tracestate member or a header', async (t) => {
  t.strictSame(parseCarrier('baggage:sidetrack'), { form: 'baggage', header: 'baggage', member: 'sidetrack' })
  t.strictSame(parseCarrier('tracestate:side@x'), undefined)
  t.strictSame(parseCarrier('tracestate:side'), { form: 'tracestate', header: 'tracestate', member: 'side' })
  t.strictSame(parseCarrier('header:X-Route'), { form: 'header', header: 'x-route' })
  for (const text of [
    '',
    'baggage',
    'baggage:',
    'baggage:a b',
    'baggage:a,b',
    'cookie:a',
    'header:',
    'header:a b',
    'header:a:b',
    'header:a.b',
    'Baggage:a',
  ])
    t.equal(parseCarrier(text), undefined, text)
})

t.test('no carrier is a header that frames a message or belongs to one hop', async (t) => {
  for (const name of [
    'Host',
    'connection',
    'Content-Length',
    'transfer-encoding',
    'upgrade',
    'te',
    'trailer',
    'expect',
  ])
    t.equal(parseCarrier(`header:${name}`), undefined, name)
})

t.test('keys come from the baggage member sidetrack unless configured otherwise', async (t) => {
  t.strictSame(read(DEFAULT_CARRIERS, { baggage: 'a=1,sidetrack=pr-42.pr-57' }), {
    keys: ['pr-42', 'pr-57'],
    strict: false,
    trace: undefined,
  })
  t.strictSame(read(DEFAULT_CARRIERS, { baggage: 'sidetrack=pr-42;strict' }), {
    keys: ['pr-42'],
    strict: true,
    trace: undefined,
  })
  t.strictSame(read(DEFAULT_CARRIERS, { baggage: 'sidetrack=%2Cpr-42%2C' }), {
    keys: ['pr-42'],
    strict: false,
    trace: undefined,
  })
  t.strictSame(read(DEFAULT_CARRIERS, { baggage: 'sidetrack=pr-42,a=1;strict' }), {
    keys: ['pr-42'],
    strict: false,
    trace: undefined,
  })
  t.strictSame(read(DEFAULT_CARRIERS, { baggage: 'a=1' }), { keys: [], strict: false, trace: undefined })
  t.strictSame(read(DEFAULT_CARRIERS, {}), { keys: [], strict: false, trace: undefined })
})

t.test('the first member of a name in tracestate is the most recent', async (t) => {
  const tracestate = carriers('tracestate:side')
  t.strictSame(read(tracestate, { tracestate: 'a=1, side=pr-42 ,side=pr-57' }).keys, ['pr-42'])
  t.strictSame(read(tracestate, { tracestate: 'sides=1,aside=2' }).keys, [])
})

t.test('a header holds keys as they are', async (t) => {
  t.strictSame(read(carriers('header:x-route'), { 'x-route': 'pr-42, pr-57' }).keys, ['pr-42', 'pr-57'])
})

t.test('the first carrier that holds a key counts', async (t) => {
  const both = carriers('header:x-route', 'baggage:sidetrack')
  t.strictSame(read(both, { 'x-route': 'pr-42', baggage: 'sidetrack=pr-57' }).keys, ['pr-42'])
  t.strictSame(read(both, { 'x-route': '-', baggage: 'sidetrack=pr-57' }).keys, ['pr-57'])
  t.strictSame(read(both, { baggage: 'sidetrack=pr-57' }).keys, ['pr-57'])
})
