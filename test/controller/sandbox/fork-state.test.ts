import t from 'tap'
import { type ForkObservation, forkState } from '../../../controller/sandbox/fork-state.ts'
import type { Event, Pod } from '../../../kubernetes/resources/builtin.ts'

type PodStatus = NonNullable<Pod['status']>
type Status = NonNullable<PodStatus['containerStatuses']>[number]

const READY: PodStatus = { conditions: [{ type: 'Ready', status: 'True' }] }

function pod(name: string, status: PodStatus, more: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name, annotations: { 'sidetrack.dev/version': 'new' }, ...more },
    status,
  }
}
const container = (status: Partial<Status>): Status => ({
  name: 'cart',
  image: 'cart:2',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...status,
})
const waiting = (reason: string, message?: string, more: Partial<Status> = {}): PodStatus => ({
  containerStatuses: [
    container({ state: { waiting: { reason, ...(message === undefined ? {} : { message }) } }, ...more }),
  ],
})
const event = (reason: string, note: string, uid = 'a', eventTime = '2026-01-01T00:00:00Z'): Event => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name: `${uid}.${reason}`, namespace: 'shop' },
  eventTime,
  reason,
  note,
  regarding: { uid },
})
const fork = (change: Partial<ForkObservation> = {}): ForkObservation => ({
  replicas: 1,
  version: 'new',
  workload: { uid: 'w', generation: 2, observedGeneration: 2 },
  pods: [],
  events: [],
  lastLines: new Map(),
  ...change,
})

const NOT_FOUND =
  'rpc error: code = NotFound desc = failed to pull and unpack image "cart:2": failed to resolve reference "cart:2": cart:2: not found'

const TROUBLES: readonly [string, Partial<ForkObservation>, string, string][] = [
  ['nothing there yet', { workload: undefined }, 'Starting', 'its pods are being created'],
  [
    'an image that cannot be pulled, at first',
    { pods: [pod('a', waiting('ErrImagePull', NOT_FOUND))] },
    'ImageNotPulled',
    'image cart:2 of container cart cannot be pulled: failed to pull and unpack image "cart:2": failed to resolve reference "cart:2": cart:2: not found',
  ],
  [
    'the same when the kubelet backs off: the same words',
    { pods: [pod('a', waiting('ImagePullBackOff', `Back-off pulling image "cart:2": ErrImagePull: ${NOT_FOUND}`))] },
    'ImageNotPulled',
    'image cart:2 of container cart cannot be pulled: failed to pull and unpack image "cart:2": failed to resolve reference "cart:2": cart:2: not found',
  ],
  [
    'an old kubelet that does not say why',
    { pods: [pod('a', waiting('ImagePullBackOff', 'Back-off pulling image "cart:2"'))] },
    'ImageNotPulled',
    'image cart:2 of container cart cannot be pulled',
  ],
  [
    'a crash loop with its last lines',
    {
      pods: [
        pod(
          'a',
          waiting('CrashLoopBackOff', 'back-off 10s', { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
        ),
      ],
      lastLines: new Map([['a/cart', ['one', '', 'two', 'three', 'four', 'five', ' six ']]]),
    },
    'Crashing',
    'container cart ended with exit code 1: two\nthree\nfour\nfive\nsix',
  ],
  [
    'a crash loop whose lines are not there: what it left as a message',
    {
      pods: [
        pod(
          'a',
          waiting('CrashLoopBackOff', 'x', { lastState: { terminated: { exitCode: 2, message: 'no database\n' } } }),
        ),
      ],
    },
    'Crashing',
    'container cart ended with exit code 2: no database',
  ],
  [
    'out of memory',
    {
      pods: [
        pod('a', { containerStatuses: [container({ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })] }),
      ],
    },
    'Crashing',
    'container cart ended because it used more memory than its limit',
  ],
  [
    'killed',
    { pods: [pod('a', { containerStatuses: [container({ state: { terminated: { exitCode: 143, signal: 15 } } })] })] },
    'Crashing',
    'container cart ended by signal 15',
  ],
  [
    'an init container that fails',
    {
      pods: [
        pod('a', {
          initContainerStatuses: [
            container({
              name: 'wait',
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 3 } },
            }),
          ],
          containerStatuses: [container({ state: { waiting: { reason: 'PodInitializing' } } })],
        }),
      ],
    },
    'Crashing',
    'container wait ended with exit code 3',
  ],
  [
    'a Secret that is not there',
    { pods: [pod('a', waiting('CreateContainerConfigError', 'secret "db" not found'))] },
    'ContainerNotStarted',
    'container cart cannot be started: secret "db" not found',
  ],
  [
    'no node for it',
    {
      pods: [
        pod('a', {
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: '0/2 nodes are available: 2 Insufficient cpu.',
            },
          ],
        }),
      ],
    },
    'Unschedulable',
    'it cannot be scheduled: 0/2 nodes are available: 2 Insufficient cpu.',
  ],
  [
    'a volume that cannot be mounted',
    {
      pods: [pod('a', waiting('ContainerCreating'))],
      events: [
        event('FailedMount', 'MountVolume.SetUp failed for volume "c" : configmap "c" not found'),
        event('FailedMount', 'of another pod', 'b'),
      ],
    },
    'ContainerNotStarted',
    'its containers cannot be created: MountVolume.SetUp failed for volume "c" : configmap "c" not found',
  ],
  [
    'a readiness probe that fails: the newest event',
    {
      pods: [pod('a', { containerStatuses: [container({ state: { running: {} }, started: true })] })],
      events: [
        event(
          'Unhealthy',
          'Readiness probe failed: HTTP probe failed with statuscode: 503',
          'a',
          '2026-01-01T00:00:02Z',
        ),
        event('Unhealthy', 'Readiness probe failed: connection refused', 'a', '2026-01-01T00:00:01Z'),
      ],
    },
    'ProbeFails',
    'container cart is not ready: Readiness probe failed: HTTP probe failed with statuscode: 503',
  ],
  [
    'running, and nobody says why it is not ready',
    { pods: [pod('a', { containerStatuses: [container({ state: { running: {} } })] })] },
    'NotReady',
    'container cart runs and is not ready yet',
  ],
  [
    'an init container at work',
    {
      pods: [
        pod('a', {
          initContainerStatuses: [container({ name: 'wait', state: { running: {} }, started: false })],
          containerStatuses: [container({ state: { waiting: { reason: 'PodInitializing' } } })],
        }),
      ],
    },
    'Starting',
    'init container wait has not ended yet',
  ],
  ['being started', { pods: [pod('a', waiting('ContainerCreating'))] }, 'Starting', 'its pod is being started'],
  [
    'evicted',
    { pods: [pod('a', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' })] },
    'Evicted',
    'its pod was evicted: The node was low on resource: memory.',
  ],
  [
    'a quota',
    {
      workload: {
        uid: 'w',
        generation: 1,
        observedGeneration: 1,
        failure:
          'pods "cart--pr-42-6d4f-x7k2p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5',
      },
    },
    'QuotaExceeded',
    "its pods exceed the namespace's quota: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5",
  ],
  [
    'Pod Security',
    {
      workload: {
        uid: 'w',
        generation: 1,
        observedGeneration: 1,
        failure:
          'pods "x-1" is forbidden: violates PodSecurity "restricted:latest": privileged (container "cart" must not set securityContext.privileged=true)',
      },
    },
    'Forbidden',
    'its pods are refused: violates PodSecurity "restricted:latest": privileged (container "cart" must not set securityContext.privileged=true)',
  ],
  [
    'a StatefulSet’s pods that are refused, by its event',
    {
      events: [
        event(
          'FailedCreate',
          'create Pod store-0 in StatefulSet store failed error: pods "store-0" is forbidden: exceeded quota: small',
          'w',
        ),
      ],
    },
    'QuotaExceeded',
    "its pods exceed the namespace's quota: exceeded quota: small",
  ],
  [
    'a webhook that refuses',
    {
      workload: {
        uid: 'w',
        generation: 1,
        observedGeneration: 1,
        failure: 'admission webhook "policy.example" denied the request: no latest',
      },
    },
    'PodsRefused',
    'its pods are refused: no latest',
  ],
  [
    'of two pods the worse',
    { replicas: 2, pods: [pod('a', waiting('ContainerCreating')), pod('b', waiting('ErrImagePull'))] },
    'ImageNotPulled',
    'image cart:2 of container cart cannot be pulled',
  ],
  [
    'a new version that fails beside the old one that answers: the new one’s trouble',
    {
      pods: [pod('old', READY, { annotations: { 'sidetrack.dev/version': 'old' } }), pod('a', waiting('ErrImagePull'))],
    },
    'ImageNotPulled',
    'image cart:2 of container cart cannot be pulled',
  ],
  [
    'a new version that is ready beside the old one',
    { pods: [pod('old', READY, { annotations: { 'sidetrack.dev/version': 'old' } }), pod('a', READY)] },
    'Updating',
    'pods of its version before are being replaced',
  ],
]

for (const [name, change, reason, message] of TROUBLES) {
  t.test(name, async (t) => {
    t.match(forkState(fork(change)), { available: false, reason, message })
  })
}

t.test('between two crashes it is as it was: the reason does not come and go', async (t) => {
  const running = container({ state: { running: {} }, lastState: { terminated: { exitCode: 1 } }, restartCount: 1 })
  const lastLines = new Map([['a/cart', ['no database']]])
  t.match(forkState(fork({ pods: [pod('a', { containerStatuses: [running] })], lastLines })), {
    reason: 'Crashing',
    message: 'container cart ended with exit code 1: no database',
    wants: { lastLines: ['a/cart'] },
  })
})

t.test('available: every pod of the version is ready and there are no others', async (t) => {
  const state = forkState(fork({ replicas: 2, pods: [pod('a', READY), pod('b', READY)] }))
  t.match(state, { available: true, ready: ['a', 'b'], message: '', wants: { events: false, lastLines: [] } })
})

t.test('a pod that ends and one that has run to its end count for nothing', async (t) => {
  const gone = pod('old', READY, { deletionTimestamp: '2026-01-01T00:00:00Z', annotations: {} })
  t.equal(forkState(fork({ pods: [gone, pod('a', READY)] })).available, true)
})

t.test('one pod of two is not enough', async (t) => {
  t.match(forkState(fork({ replicas: 2, pods: [pod('a', READY)] })), { available: false, ready: ['a'] })
})

t.test('pods that the workload’s controller has not yet been told about do not count', async (t) => {
  t.equal(
    forkState(fork({ workload: { uid: 'w', generation: 3, observedGeneration: 2 }, pods: [pod('a', READY)] }))
      .available,
    false,
  )
})

t.test('it asks for what would tell more: last lines of what ended, events of what does not move', async (t) => {
  const crashing = pod('a', waiting('CrashLoopBackOff', 'x', { lastState: { terminated: { exitCode: 1 } } }))
  t.strictSame(forkState(fork({ pods: [crashing] })).wants, { events: false, lastLines: ['a/cart'] })
  t.strictSame(forkState(fork({ pods: [pod('a', waiting('ContainerCreating'))] })).wants, {
    events: true,
    lastLines: [],
  })
  t.strictSame(forkState(fork({ pods: [pod('a', waiting('ErrImagePull'))] })).wants, { events: false, lastLines: [] })
})
