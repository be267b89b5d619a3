import t from 'tap'
import { sidecarUid } from '../../../controller/webhook/uid-range.ts'

const CASES: readonly [string | undefined, number | RegExp][] = [
  [undefined, 1337],
  ['1000680000/10000', 1_000_689_999],
  ['1000680000-1000689999', 1_000_689_999],
  ['1000680000/10000,1000700000/10000', 1_000_689_999],
  [' 1000/2 ', 1001],
  ['1000/1', /no second user/],
  ['1000-1000', /no second user/],
  ['1000-999', /no second user/],
  ['2147483000/10000', /no second user/],
  ['', /not a range/],
  ['all', /not a range/],
  ['1000', /not a range/],
  ['-1/10', /not a range/],
]

for (const [range, expected] of CASES) {
  t.test(`of the range ${JSON.stringify(range)} the sidecar runs as ${String(expected)}`, async (t) => {
    const found = sidecarUid(range, 1337)
    if (typeof found === 'number') t.equal(found, expected)
    else t.match(found.reason, expected)
  })
}
