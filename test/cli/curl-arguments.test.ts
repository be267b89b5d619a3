import t from 'tap'
import { withRoutingKey } from '../../cli/curl-arguments.ts'

const CASES: readonly [fact: string, args: readonly string[], expected: readonly string[]][] = [
  ['no header', ['http://shop/'], ['-H', 'baggage: sidetrack=k', 'http://shop/']],
  ['other headers stay', ['-H', 'a: b', 'u'], ['-H', 'baggage: sidetrack=k', '-H', 'a: b', 'u']],
  ['another member stays', ['-H', 'baggage: user=1', 'u'], ['-H', 'baggage: user=1,sidetrack=k', 'u']],
  ['in any case of letters', ['u', '--header', 'Baggage:user=1;p=2'], ['-H', 'baggage: user=1;p=2,sidetrack=k', 'u']],
  ['in one argument', ['-Hbaggage: a=1', '--header=BAGGAGE: b=2', 'u'], ['-H', 'baggage: a=1,b=2,sidetrack=k', 'u']],
  ['behind other flags', ['-sSH', 'baggage: a=1', 'u'], ['-H', 'baggage: a=1,sidetrack=k', '-sS', 'u']],
  ['an old key gives way', ['-H', 'baggage: sidetrack=old;x,a=1', 'u'], ['-H', 'baggage: a=1,sidetrack=k', 'u']],
  [
    'a member that begins alike stays',
    ['-H', 'baggage: sidetracks=1', 'u'],
    ['-H', 'baggage: sidetracks=1,sidetrack=k', 'u'],
  ],
  ['a header from a file stays', ['-H', '@file', 'u'], ['-H', 'baggage: sidetrack=k', '-H', '@file', 'u']],
  [
    'data that looks like it stays',
    ['-d', 'baggage: a=1', 'u'],
    ['-H', 'baggage: sidetrack=k', '-d', 'baggage: a=1', 'u'],
  ],
]

for (const [fact, args, expected] of CASES) {
  t.test(`the key is added: ${fact}`, async (t) => t.strictSame(withRoutingKey(args, 'k'), expected))
}
