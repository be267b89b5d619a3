import t from 'tap'
import { type SandboxState, conditionsOf } from '../../../controller/sandbox/conditions.ts'
import type { ForkState } from '../../../controller/sandbox/fork-state.ts'

const NOW = '2026-01-01T10:00:00Z'
const wants = { events: false, lastLines: [] }
const AVAILABLE: ForkState = { available: true, ready: ['a'], reason: 'Available', message: '', wants }
const CRASHING: ForkState = {
  available: false,
  ready: [],
  reason: 'Crashing',
  message: 'container cart ended with exit code 1',
  wants,
}
const IN_FORCE = { programmed: true, reason: 'InForce', message: 'In force on every node.' }

function state(change: Partial<SandboxState> = {}): SandboxState {
  return {
    problems: [],
    warnings: [],
    forks: [{ of: 'cart', state: AVAILABLE }],
    routes: { services: 1, unready: [], programmed: IN_FORCE },
    lost: [],
    ...change,
  }
}

/** `Ready=False/Crashing`, the five of them. */
const said = (each: SandboxState) =>
  conditionsOf(each, 3, [], NOW).map(({ type, status, reason }) => `${type}=${status}/${reason}`)

const CASES: readonly [string, Partial<SandboxState>, readonly string[]][] = [
  [
    'all is well',
    {},
    [
      'Ready=True/Ready',
      'ForksAvailable=True/Available',
      'RoutesProgrammed=True/InForce',
      'Conflict=False/NoConflict',
      'Warned=False/NothingToTell',
    ],
  ],
  [
    'a fork crashes',
    { forks: [{ of: 'cart', state: CRASHING }], routes: { services: 1, unready: ['cart'], programmed: IN_FORCE } },
    [
      'Ready=False/Crashing',
      'ForksAvailable=False/Crashing',
      'RoutesProgrammed=False/WaitingForForks',
      'Conflict=False/NoConflict',
      'Warned=False/NothingToTell',
    ],
  ],
  [
    'a node is behind',
    {
      routes: {
        services: 1,
        unready: [],
        programmed: { programmed: false, reason: 'Waiting', message: 'waiting for a' },
      },
    },
    [
      'Ready=False/Waiting',
      'ForksAvailable=True/Available',
      'RoutesProgrammed=False/Waiting',
      'Conflict=False/NoConflict',
      'Warned=False/NothingToTell',
    ],
  ],
  [
    'it is not valid',
    {
      problems: [{ reason: 'Invalid', message: 'spec.x: no' }],
      forks: [],
      routes: { services: 0, unready: [], programmed: IN_FORCE },
    },
    [
      'Ready=False/Invalid',
      'ForksAvailable=False/Invalid',
      'RoutesProgrammed=False/NoRoutes',
      'Conflict=False/NoConflict',
      'Warned=False/NothingToTell',
    ],
  ],
  [
    'an older sandbox has its Service',
    { lost: [{ service: 'cart', to: { kind: 'Sandbox', name: 'pr-1' } }] },
    [
      'Ready=False/KeyTaken',
      'ForksAvailable=True/Available',
      'RoutesProgrammed=True/InForce',
      'Conflict=True/KeyTaken',
      'Warned=False/NothingToTell',
    ],
  ],
  [
    'nothing to route, and a warning that says so',
    {
      routes: { services: 0, unready: [], programmed: IN_FORCE },
      warnings: [{ reason: 'NoService', message: 'none' }],
    },
    [
      'Ready=True/Ready',
      'ForksAvailable=True/Available',
      'RoutesProgrammed=True/NothingToRoute',
      'Conflict=False/NoConflict',
      'Warned=True/NoService',
    ],
  ],
]

for (const [name, change, expected] of CASES) {
  t.test(name, async (t) => {
    t.strictSame(said(state(change)), expected)
  })
}

t.test('messages name every fork in trouble and every problem', async (t) => {
  const forks = ['cart', 'web'].map((of) => ({ of, state: CRASHING }))
  t.equal(
    conditionsOf(state({ forks }), 1, [], NOW)[0]?.message,
    'cart: container cart ended with exit code 1\nweb: container cart ended with exit code 1',
  )
  const problems = ['a', 'b'].map((message) => ({ reason: 'Invalid' as const, message }))
  t.equal(conditionsOf(state({ problems }), 1, [], NOW)[1]?.message, 'a\nb')
})

t.test('every condition says of which generation it is, and since when its status is that', async (t) => {
  const before = conditionsOf(state(), 3, [], '2026-01-01T09:00:00Z')
  const after = conditionsOf(state({ forks: [{ of: 'cart', state: CRASHING }] }), 4, before, NOW)
  t.strictSame(
    after.map((each) => each.observedGeneration),
    [4, 4, 4, 4, 4],
  )
  t.strictSame(
    after.map((each) => each.lastTransitionTime === NOW),
    [true, true, false, false, false],
  )
})
