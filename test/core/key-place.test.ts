import t from 'tap'
import { type Carrier, DEFAULT_CARRIERS, parseCarrier, readKeys } from '../../core/carrier.ts'
import { placeKey, stampedCarrier } from '../../core/key-place.ts'

const carrier = (text: string) => parseCarrier(text) as Carrier

const CASES: readonly [name: string, form: string, values: readonly string[], line: number, value: string][] = [
  ['a request without baggage gets a line of its own', 'baggage:sidetrack', [], -1, 'sidetrack=pr-42'],
  ['in baggage the key goes behind the rest', 'baggage:sidetrack', ['a=1'], 0, 'a=1,sidetrack=pr-42'],
  ['behind the last of several lines', 'baggage:sidetrack', ['a=1', 'b=2'], 1, 'b=2,sidetrack=pr-42'],
  ['an empty line is filled', 'baggage:sidetrack', [''], 0, 'sidetrack=pr-42'],
  [
    'in front where readers would stop before the end: too many members',
    'baggage:sidetrack',
    [Array.from({ length: 180 }, (_, i) => `m${i}=1`).join(',')],
    0,
    `sidetrack=pr-42,${Array.from({ length: 180 }, (_, i) => `m${i}=1`).join(',')}`,
  ],
  [
    'in front of the first line where all lines together are too long',
    'baggage:sidetrack',
    [`a=${'x'.repeat(4000)}`, `b=${'x'.repeat(4000)}`, `c=${'x'.repeat(180)}`],
    0,
    `sidetrack=pr-42,a=${'x'.repeat(4000)}`,
  ],
  ['in tracestate the key goes to the left', 'tracestate:side', ['a=1', 'b=2'], 0, 'side=pr-42,a=1'],
  ['a request without tracestate gets a line', 'tracestate:side', [], -1, 'side=pr-42'],
  ['a header of its own gets a line', 'header:x-route', [], -1, 'pr-42'],
  ['a header without a key in it is replaced', 'header:x-route', ['-', '-'], 0, 'pr-42'],
]

for (const [name, form, values, line, value] of CASES)
  t.test(name, async (t) => {
    t.strictSame(placeKey(carrier(form), values, 'pr-42'), { line, value })
    const after = line === -1 ? [value] : values.with(line, value)
    t.strictSame(readKeys([carrier(form)], () => after.join(',')).keys, ['pr-42'], 'and is read there')
  })

t.test('of several carriers the first takes the key, as it is the first to be read', async (t) => {
  t.equal(stampedCarrier(DEFAULT_CARRIERS), DEFAULT_CARRIERS[0])
  t.equal(stampedCarrier([carrier('header:x-route'), carrier('baggage:sidetrack')])?.form, 'header')
  t.equal(stampedCarrier([]), undefined)
})
