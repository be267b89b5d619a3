// What is done next for a pod, case by case: the order of interception.

import t from 'tap'
import { NO_CHANGE } from '../../../agent/node/nft-program.ts'
import { EMPTY_KERNEL, type Kernel, type PodFacts, type Step, nextStep } from '../../../agent/node/pod-plan.ts'

const CART = { host: '10.96.0.12', port: 80 }
const PRICING = { host: '10.96.0.13', port: 80 }
const OWN = { host: '10.88.1.7', port: 8080 }
const target = (to: typeof CART, number: number, revision = 1) => ({ to, number, revision })
const kernel = (
  redirects: Readonly<Record<string, number>>,
  inbound: Readonly<Record<string, number>> = {},
): Kernel => ({
  redirects: new Map(Object.entries(redirects).map(([text, number]) => [text, { number }])),
  inbound: new Map(Object.entries(inbound).map(([text, port]) => [text, { port }])),
  strange: [],
})
const desired = {
  redirects: new Map([
    ['10.96.0.12:80', target(CART, 1)],
    ['10.96.0.13:80', target(PRICING, 2, 5)],
  ]),
  inbound: new Map([['10.88.1.7:8080', { to: OWN, port: 15_100, revision: 5 }]]),
}
const ALL = kernel({ '10.96.0.12:80': 1, '10.96.0.13:80': 2 }, { '10.88.1.7:8080': 15_100 })
const connected = (applied: number, more: object = {}) =>
  ({ is: 'connected', applied, draining: false, told: false, ...more }) as const

/** A pod whose redirects are in force. */
const GOOD: PodFacts = {
  gone: false,
  removing: false,
  namespace: true,
  kernel: ALL,
  desired,
  listening: true,
  rules: true,
  sidecar: connected(5, { told: true }),
  fault: undefined,
  redirectedConnections: undefined,
  removed: false,
}

const AWAITED = { is: 'awaited' } as const
const AWAY = { is: 'away' } as const
const wait = (waiting: string) => ({ do: 'wait', waiting })
const change = (some: Partial<typeof NO_CHANGE>) => ({ do: 'change', change: { ...NO_CHANGE, ...some } })

const CASES: readonly [fact: string, facts: Partial<PodFacts>, step: object][] = [
  ['nothing to do', {}, wait('redirected')],
  ['it is gone', { gone: true }, { do: 'end' }],
  ['its namespace is not known', { namespace: false }, { do: 'find' }],
  ['nobody asked its kernel', { kernel: undefined, listening: false, sidecar: AWAITED }, { do: 'read' }],
  ['tables are not known yet', { desired: undefined, listening: false, sidecar: AWAITED }, wait('for-tables')],
  [
    'a new pod, whose kernel redirects nothing',
    { kernel: EMPTY_KERNEL, listening: false, rules: false, sidecar: AWAITED },
    { do: 'listen' },
  ],
  ['its sidecar has not come yet', { kernel: EMPTY_KERNEL, rules: false, sidecar: AWAITED }, wait('for-sidecar')],
  ['its sidecar has come', { kernel: EMPTY_KERNEL, rules: false, sidecar: connected(-1) }, { do: 'install' }],
  ['the sidecar knows nothing yet', { kernel: EMPTY_KERNEL, sidecar: connected(-1) }, wait('for-applied')],
  [
    'the sidecar knows the older destinations only',
    { kernel: EMPTY_KERNEL, sidecar: connected(4) },
    change({ addRedirects: [target(CART, 1)] }),
  ],
  ['… and these are in force', { kernel: kernel({ '10.96.0.12:80': 1 }), sidecar: connected(4) }, wait('for-applied')],
  [
    'the sidecar knows all destinations',
    { kernel: EMPTY_KERNEL, sidecar: connected(5) },
    change({
      addRedirects: [target(CART, 1), target(PRICING, 2, 5)],
      addInbound: [{ to: OWN, port: 15_100, revision: 5 }] as never,
    }),
  ],
  ['all are in force, and the sidecar has not heard it', { sidecar: connected(5) }, { do: 'tell', redirected: true }],
  [
    'a destination is wanted no more: out of the kernel first',
    { kernel: { ...ALL, redirects: new Map([...ALL.redirects, ['10.96.0.9:80', { number: 9 }]]) } },
    change({ removeRedirects: [{ host: '10.96.0.9', port: 80 }] }),
  ],
  [
    'an inbound address is wanted no more',
    { kernel: { ...ALL, inbound: new Map([...ALL.inbound, ['10.88.1.9:80', { port: 15_101 }]]) } },
    change({ removeInbound: [{ host: '10.88.1.9', port: 80 }] }),
  ],
  [
    'another number than the kernel has, and the sidecar knows it',
    { kernel: { ...ALL, redirects: new Map([...ALL.redirects, ['10.96.0.12:80', { number: 7 }]]) } },
    change({ removeRedirects: [CART], addRedirects: [target(CART, 1)] }),
  ],
  [
    'an agent has started: what leads elsewhere goes before it listens, and nothing comes',
    { kernel: kernel({ '10.96.0.12:80': 7 }), listening: false, rules: false, sidecar: AWAITED },
    change({ removeRedirects: [CART] }),
  ],
  [
    'an agent has started, and leads somewhere that is none of ours',
    { kernel: { ...ALL, strange: [PRICING] }, listening: false, rules: false, sidecar: AWAITED },
    change({ removeRedirects: [PRICING] }),
  ],
  [
    'an agent has started: what is right stays while it waits for the sidecar',
    { rules: false, sidecar: AWAITED },
    wait('for-sidecar'),
  ],
  ['… its rules are written anew', { rules: false, sidecar: connected(-1) }, { do: 'install' }],
  ['… the sidecar hears it when it has taken the tables', { sidecar: connected(-1) }, wait('for-applied')],
  ['the sidecar is away: at once nothing is redirected', { sidecar: AWAY }, { do: 'empty' }],
  ['… and then it is waited for', { kernel: EMPTY_KERNEL, sidecar: AWAY }, wait('for-sidecar')],
  ['… also if it never came', { kernel: EMPTY_KERNEL, listening: false, sidecar: AWAY }, { do: 'listen' }],
  ['the sidecar is about to end', { sidecar: connected(5, { told: true, draining: true }) }, { do: 'empty' }],
  [
    '… and hears that nothing is redirected',
    { kernel: EMPTY_KERNEL, sidecar: connected(5, { told: true, draining: true }) },
    { do: 'tell', redirected: false },
  ],
  ['… and nothing comes back', { kernel: EMPTY_KERNEL, sidecar: connected(5, { draining: true }) }, wait('draining')],
  ['it must not be redirected', { fault: 'another user' }, { do: 'empty' }],
  ['… and its sidecar hears it', { fault: 'another user', kernel: EMPTY_KERNEL }, { do: 'tell', redirected: false }],
  ['… and it stays so', { fault: 'x', kernel: EMPTY_KERNEL, sidecar: connected(5) }, wait('faulty')],
  ['rules for other probes', { rules: false }, { do: 'install' }],
  ['all is removed: first the redirects', { removing: true }, { do: 'empty' }],
  ['… the sidecar hears it', { removing: true, kernel: EMPTY_KERNEL }, { do: 'tell', redirected: false }],
  ['… connections are counted', { removing: true, kernel: EMPTY_KERNEL, sidecar: AWAITED }, { do: 'count' }],
  [
    '… and end in their own time',
    { removing: true, kernel: EMPTY_KERNEL, sidecar: AWAITED, redirectedConnections: 2 },
    wait('emptied'),
  ],
  [
    '… then the table goes',
    { removing: true, kernel: EMPTY_KERNEL, sidecar: AWAITED, redirectedConnections: 0 },
    { do: 'remove' },
  ],
  ['… and that is all', { removing: true, kernel: EMPTY_KERNEL, removed: true }, wait('removed')],
]

for (const [fact, facts, expected] of CASES) {
  t.test(fact, async (t) => {
    const { after: _, ...step } = { after: undefined, ...nextStep({ ...GOOD, ...facts }) }
    t.strictSame(step, expected)
  })
}

t.test('from every state the steps lead to where there is nothing to do', async (t) => {
  for (const [fact, facts] of CASES) {
    let now = { ...GOOD, ...facts }
    const steps: string[] = []
    for (let count = 0; count < 10; count++) {
      const step = nextStep(now)
      if (step.do === 'wait' || step.do === 'end') break
      steps.push(step.do)
      now = after(now, step)
    }
    t.match(nextStep(now).do, /^(wait|end)$/, `${fact}: ${steps.join()}`)
  }
})

t.test('pods with the same redirects hold the same map', async (t) => {
  const step = nextStep({ ...GOOD, kernel: EMPTY_KERNEL })
  t.equal(step.do === 'change' && step.after.redirects, desired.redirects)
})

/** What is so when the step has been taken. */
function after(facts: PodFacts, step: Step): PodFacts {
  switch (step.do) {
    case 'find':
      return { ...facts, namespace: true, kernel: undefined }
    case 'read':
      return { ...facts, kernel: EMPTY_KERNEL }
    case 'listen':
      return { ...facts, listening: true }
    case 'install':
      return { ...facts, rules: true }
    case 'change':
      return { ...facts, kernel: step.after }
    case 'empty':
      return { ...facts, kernel: EMPTY_KERNEL }
    case 'count':
      return { ...facts, redirectedConnections: 0 }
    case 'remove':
      return { ...facts, removed: true }
    case 'tell':
      return facts.sidecar.is === 'connected'
        ? { ...facts, sidecar: { ...facts.sidecar, told: step.redirected } }
        : facts
    default:
      return facts
  }
}
