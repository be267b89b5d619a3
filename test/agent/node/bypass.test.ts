// Who is said to bypass, and why; who is still on its way.

import t from 'tap'
import { type KeptState, bypassOf, onItsWay } from '../../../agent/node/bypass.ts'
import { readNodePod } from '../../../agent/node/node-pod.ts'

const pod = (metadata: object = {}, status: object = { phase: 'Running' }) =>
  readNodePod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', annotations: { 'sidetrack.dev/inject': 'true' }, ...metadata },
    spec: { containers: [] },
    status,
  })
const GOOD: KeptState = {
  waiting: 'redirected',
  trouble: undefined,
  fault: undefined,
  silentMs: 0,
  awaited: false,
  wasConnected: true,
  runningMs: 60_000,
  oldConnections: 0,
}
const NEW: KeptState = { ...GOOD, waiting: 'for-applied', runningMs: 100, awaited: true }
const ALONE = { silentMs: undefined, waiting: 'for-sidecar' } as const

const CASES: readonly [fact: string, state: KeptState, reason: string | undefined, message?: RegExp][] = [
  ['all is in force', GOOD, undefined],
  ['a new pod has its time', NEW, undefined],
  ['… but not for ever', { ...NEW, runningMs: 4000 }, 'NotRedirected', /not taken the tables/],
  [
    '… nor for a sidecar that does not come',
    { ...NEW, ...ALONE, wasConnected: false, runningMs: 4000 },
    'NotRedirected',
    /not come/,
  ],
  ['… nor for its turn', { ...NEW, waiting: undefined, runningMs: 4000 }, 'NotRedirected', /not taken it up/],
  ['its sidecar has not started yet', { ...NEW, ...ALONE, wasConnected: false, runningMs: 0 }, undefined],
  ['its sidecar is gone', { ...GOOD, ...ALONE }, 'SidecarDown', /gone/],
  ['its sidecar does not answer', { ...GOOD, silentMs: 3500 }, 'SidecarDown', /not answer/],
  ['its sidecar takes its time', { ...GOOD, silentMs: 1000 }, undefined],
  ['its sidecar ends, the pod does not', { ...GOOD, waiting: 'draining' }, 'SidecarDown', /about to end/],
  ['it must not be redirected', { ...GOOD, fault: 'two of a user' }, 'NotRedirected', /two of a user/],
  ['nft fails', { ...GOOD, trouble: 'nft: no' }, 'NotRedirected', /nft: no/],
  ['it has old connections', { ...GOOD, oldConnections: 2 }, 'OldConnections', /2 connections/],
  ['Sidetrack is being removed', { ...GOOD, waiting: 'removed' }, 'Removed'],
]

for (const [fact, state, reason, message = /^/] of CASES) {
  t.test(fact, async (t) => {
    const bypass = bypassOf(pod(), state)
    t.equal(bypass?.reason, reason)
    t.match(bypass?.message ?? '', message)
  })
}

t.test('a pod that asked for a sidecar and has none is said so, in the words of the webhook', async (t) => {
  t.match(bypassOf(pod(), undefined), { reason: 'NoSidecar', message: /webhook was away/ })
  const refused = { 'sidetrack.dev/inject': 'true', 'sidetrack.dev/not-injected': 'it uses port 15001' }
  t.match(bypassOf(pod({ annotations: refused }), undefined), { reason: 'NoSidecar', message: 'it uses port 15001' })
  t.equal(bypassOf(pod({}, { phase: 'Pending' }), undefined), undefined, 'it may still get one')
  t.equal(bypassOf(pod({ annotations: {} }), undefined), undefined, 'nobody asked')
})

t.test('a sidecar that waits to be started again is gone, for an agent too that never knew it', async (t) => {
  const unknown = { ...NEW, ...ALONE, wasConnected: false, runningMs: 0 }
  const restarted = {
    name: 'sidetrack',
    image: '',
    imageID: '',
    ready: false,
    restartCount: 3,
    containerID: `containerd://${'a1'.repeat(32)}`,
  }
  const withSidecar = (phase: string, state: object) =>
    readNodePod({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', annotations: { 'sidetrack.dev/inject': 'true' } },
      spec: { containers: [], initContainers: [{ name: 'sidetrack' }] },
      status: { phase, initContainerStatuses: [{ ...restarted, state }] },
    })
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } }
  t.match(bypassOf(withSidecar('Running', waiting), unknown), { reason: 'SidecarDown', message: /not come back yet/ })
  t.equal(bypassOf(withSidecar('Running', { running: {} }), unknown), undefined, 'it runs, and may be on its way')
  t.equal(bypassOf(withSidecar('Pending', waiting), unknown), undefined, 'the pod is being started')
})

t.test('nothing is said of a pod that ends', async (t) => {
  t.equal(bypassOf(pod({ deletionTimestamp: '2030-01-01T00:00:00Z' }), { ...GOOD, ...ALONE }), undefined)
  t.equal(bypassOf(pod({}, { phase: 'Succeeded' }), { ...GOOD, ...ALONE }), undefined)
})

t.test('an agent is ready when its pods are there, or cannot come further', async (t) => {
  t.equal(onItsWay(GOOD, false), undefined)
  t.match(onItsWay(NEW, false), /take the tables/)
  t.match(onItsWay({ ...NEW, ...ALONE }, false), /waits for its sidecar/)
  t.equal(onItsWay({ ...NEW, ...ALONE, awaited: false }, false), undefined)
  t.equal(onItsWay({ ...NEW, trouble: 'nft: no' }, false), undefined)
  t.equal(onItsWay({ ...NEW, runningMs: 20_000 }, false), undefined)
  t.match(onItsWay(GOOD, true), /still redirected/)
  t.match(onItsWay({ ...GOOD, trouble: 'nft: no' }, true), /nft: no/)
  t.equal(onItsWay({ ...GOOD, waiting: 'emptied' }, true), undefined)
})
