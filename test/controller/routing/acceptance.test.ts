import t from 'tap'
import { type RouteSurroundings, acceptance, judgeAgainMs } from '../../../controller/routing/acceptance.ts'
import type { Route, RouteSpec } from '../../../kubernetes/resources/route.ts'
import { whyNoPod } from '../../../kubernetes/route-target.ts'

const NOW = '2026-01-01T10:00:00Z'
const AROUND: RouteSurroundings = {
  hasTable: true,
  whyNoPod: whyNoPod(['192.168.0.1']),
  sandboxOf: (host) => (host === '10.0.0.1' ? 'pr-42' : undefined),
  isHere: (host) => host.startsWith('10.0.0.'),
}
const route = (spec: Partial<RouteSpec>): Route => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Route',
  metadata: { name: 'mine', namespace: 'shop', generation: 2 },
  spec: { table: 'cart', key: 'key', addresses: ['10.0.0.1:80'], ...spec },
})

const CASES: readonly [string, Partial<RouteSpec>, Partial<RouteSurroundings>, string][] = [
  ['a pod', {}, {}, 'Accepted'],
  ['a pod of its sandbox', { sandbox: 'pr-42' }, {}, 'Accepted'],
  ['nobody yet', { addresses: [], ready: false }, {}, 'Accepted'],
  ['a pod that is not of its sandbox', { sandbox: 'pr-7' }, {}, 'NotOfTheSandbox'],
  ['an address that no pod of a sandbox has', { sandbox: 'pr-42', addresses: ['10.0.0.2:80'] }, {}, 'NotOfTheSandbox'],
  ['a pod of another namespace', { addresses: ['10.0.0.1:80', '10.0.1.1:80'] }, {}, 'NotOfTheNamespace'],
  ['a loopback address', { addresses: ['127.0.0.1:80'] }, {}, 'NotAPod'],
  ['a link-local address', { addresses: ['169.254.169.254:80'] }, {}, 'NotAPod'],
  ['a node', { addresses: ['10.0.0.1:80', '192.168.0.1:80'] }, {}, 'NotAPod'],
  ['no address', { addresses: ['cart:80'] }, {}, 'InvalidAddress'],
  ['a table that is not there', {}, { hasTable: false }, 'NoTable'],
]

for (const [name, spec, around, reason] of CASES) {
  t.test(`${name}: ${reason}`, async (t) => {
    const condition = acceptance(route(spec), { ...AROUND, ...around }, NOW)
    t.match(condition, {
      type: 'Accepted',
      status: reason === 'Accepted' ? 'True' : 'False',
      reason,
      observedGeneration: 2,
      lastTransitionTime: NOW,
    })
  })
}

const AGAIN: readonly [fact: string, spec: Partial<RouteSpec>, again: number | undefined][] = [
  ['what is taken is judged again each minute: the address may become that of another namespace', {}, 60_000],
  ['a pod that is not there may come soon', { addresses: ['10.0.1.1:80'] }, 5000],
  ['of the pods of a sandbox is told', { sandbox: 'pr-42' }, undefined],
  ['what leads nowhere stays as it is', { addresses: [], ready: false }, undefined],
  ['what is no pod becomes none', { addresses: ['127.0.0.1:80'] }, undefined],
]

for (const [fact, spec, again] of AGAIN) {
  t.test(fact, async (t) => {
    t.equal(judgeAgainMs(route(spec), acceptance(route(spec), AROUND, NOW)), again)
  })
}
