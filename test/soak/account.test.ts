import { test } from 'tap'
import { account, type Window, type Wrong } from './account.ts'

const lost = (errand: string, sent: number, ended: number, ledger = 'ledger-0'): Wrong => ({
  ledger,
  errand,
  sent,
  ended,
  verdict: { is: 'lost', what: 'sent ECONNRESET' },
})
const harmless: Window = { kind: 'the agent killed', is: 'fault', from: 100, to: 200 }
const killed: Window = {
  kind: 'a sidecar killed',
  is: 'fault',
  from: 300,
  to: 400,
  cost: { caller: 'ledger-0', until: 350 },
}
const deleted: Window = { kind: 'a sandbox deleted', is: 'change', from: 300, to: 400, cost: { key: 'life-1-1' } }

const cases: readonly (readonly [string, readonly Window[], Wrong, string | undefined])[] = [
  ['outside all windows', [killed], lost('pricing unkeyed', 410, 420), undefined],
  ['during a fault that costs nothing', [harmless], lost('pricing unkeyed', 110, 120), undefined],
  ['in flight when a sidecar was killed', [killed], lost('pricing unkeyed', 290, 310), killed.kind],
  ['on a connection of its own', [killed], lost('pricing unkeyed fresh', 320, 330), killed.kind],
  ['after a killed sidecar had to be passed by', [killed], lost('pricing unkeyed', 360, 370), undefined],
  ['of a ledger with another sidecar', [killed], lost('pricing unkeyed', 310, 320, 'ledger-1'), undefined],
  [
    'behind a service whose sidecar was killed',
    [{ ...killed, cost: { caller: 'cart', until: 350 } }],
    lost('storefront unkeyed', 310, 320, 'ledger-1'),
    killed.kind,
  ],
  [
    'before a service whose sidecar was killed',
    [{ ...killed, cost: { caller: 'storefront', until: 350 } }],
    lost('cart life-1-1', 310, 320),
    undefined,
  ],
  ['with the key of a sandbox that ends', [deleted], lost('pricing life-1-1', 310, 320), deleted.kind],
  ['with a key that begins like it', [deleted], lost('pricing life-1-10', 310, 320), undefined],
  ['without a key while a sandbox ends', [deleted], lost('pricing unkeyed', 310, 320), undefined],
  ['that a change explains and a fault does not', [killed, deleted], lost('pricing life-1-1', 380, 390), deleted.kind],
  ['that a change and a fault explain', [deleted, killed], lost('pricing life-1-1', 310, 390), killed.kind],
]

for (const [name, windows, entry, kind] of cases) {
  test(`a request that was lost ${name}`, (t) => {
    const { kinds, unexplained } = account(windows, [entry])
    t.equal(unexplained.length, kind === undefined ? 1 : 0)
    for (const [each, { baseline, keyed }] of Object.entries(kinds)) t.equal(baseline + keyed, each === kind ? 1 : 0)
    t.end()
  })
}

test('a request that was misrouted is explained by nothing', (t) => {
  const entry: Wrong = {
    ...lost('pricing unkeyed', 310, 320),
    verdict: { is: 'misrouted', what: 'pricing by life-1-1' },
  }
  t.same(account([killed], [entry]).misrouted, [entry])
  t.end()
})

const bypass: Window = {
  kind: 'a pod bypasses',
  is: 'change',
  from: 300,
  to: 400,
  cost: { caller: 'ledger-0', bypass: true },
}
const by = (errand: string, variant: string, ledger = 'ledger-0'): Wrong => ({
  ...lost(errand, 310, 320, ledger),
  verdict: { is: 'misrouted', what: `pricing by ${variant}` },
})

for (const [name, entry, misrouted] of [
  ['a keyed request of a pod that is announced to bypass its sidecar', by('pricing life-1-1', 'baseline'), 0],
  ['one of another pod', by('pricing life-1-1', 'baseline', 'ledger-1'), 1],
  ['one that another fork answered', by('pricing life-1-1', 'life-0-1'), 1],
  ['one without a key', by('pricing unkeyed', 'life-0-1'), 1],
] as const) {
  test(`${name}: ${misrouted === 0 ? 'the baseline may answer' : 'misrouted'}`, (t) => {
    t.equal(account([bypass], [entry]).misrouted.length, misrouted)
    t.end()
  })
}

test('a request without a key must not be lost because a pod bypasses its sidecar', (t) => {
  t.equal(account([bypass], [lost('pricing unkeyed', 310, 320)]).unexplained.length, 1)
  t.equal(account([bypass], [lost('pricing life-1-1', 310, 320)]).unexplained.length, 0)
  t.end()
})

test('kinds are counted by times, and losses by baseline and fork and how', (t) => {
  const { kinds } = account(
    [killed, { ...killed, from: 500, to: 600, cost: {} }],
    [lost('pricing unkeyed', 310, 320), lost('pricing life-1-1', 510, 520)],
  )
  t.same(kinds, {
    'a sidecar killed': { is: 'fault', times: 2, baseline: 1, keyed: 1, bypassed: 0, how: { 'sent ECONNRESET': 2 } },
  })
  t.end()
})
