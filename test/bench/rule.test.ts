import t from 'tap'
import { readBaggageMember } from '../../core/baggage.ts'
import { splitKeys } from '../../core/routing-key.ts'
import { upstreamOf } from '../../bench/peers/keyed.ts'
import { formatMix, requestMix, ruleCases, rulePattern, tableKeys, wholeRulePattern } from '../../bench/rule.ts'

const KEYS = tableKeys(12)
const CASES = [...ruleCases(KEYS), ...requestMix(KEYS, 61)]

/** What this project itself decides. */
function decided(baggage: string): string {
  const keys = splitKeys(readBaggageMember(baggage, 'sidetrack')?.value ?? '')
  return keys.some((key) => KEYS.includes(key)) ? 'fork' : 'baseline'
}

t.test('every expectation is what the sidecar itself decides', (t) => {
  for (const { baggage, variant } of CASES) t.equal(decided(baggage), variant, baggage)
  t.end()
})

t.test('the pattern for HAProxy and nginx decides the same', (t) => {
  const pattern = new RegExp(rulePattern(KEYS))
  for (const { baggage, variant } of CASES) t.equal(pattern.test(baggage) ? 'fork' : 'baseline', variant, baggage)
  t.end()
})

t.test('the pattern for Envoy, which must match the whole header, decides the same', (t) => {
  const pattern = new RegExp(`^(?:${wholeRulePattern(KEYS)})$`)
  for (const { baggage, variant } of CASES) t.equal(pattern.test(baggage) ? 'fork' : 'baseline', variant, baggage)
  t.end()
})

t.test('the Node peers decide the same', (t) => {
  const ports = { how: '', listen: 1, baseline: 'baseline', fork: 'fork', keys: new Set(KEYS) }
  for (const { baggage, variant } of CASES) t.equal(upstreamOf(baggage, ports), variant, baggage)
  t.end()
})

t.test('the load is half keyed, reaches the whole table, and asks for unknown keys too', (t) => {
  const keys = tableKeys(100_000)
  const mix = requestMix(keys, 4093)
  const forks = mix.filter(({ variant }) => variant === 'fork').length / mix.length
  t.ok(forks > 0.4 && forks < 0.5, `${forks} go to forks`)
  t.ok(mix.some(({ baggage }) => /pr-99\d\d\d$/.test(baggage)))
  t.ok(mix.some(({ baggage }) => baggage.includes('sidetrack=gone')))
  t.end()
})

t.test('a mix is written one request a line, the variant first', (t) => {
  t.equal(
    formatMix([
      { baggage: '', variant: 'baseline' },
      { baggage: 'sidetrack=a', variant: '*' },
    ]),
    'baseline\t\n*\tsidetrack=a\n',
  )
  t.end()
})
