import t from 'tap'
import { sharedClaims } from '../../../controller/sandbox/shared-claims.ts'
import { joinsPeers, sideEffects } from '../../../controller/sandbox/side-effects.ts'
import type { Container, PodSpec } from '../../../kubernetes/resources/pod-template.ts'

const pod = (container: Partial<Container>, init?: Partial<Container>): PodSpec => ({
  containers: [{ name: 'app', image: 'app:1', ...container }],
  ...(init === undefined ? {} : { initContainers: [{ name: 'init', image: 'init:1', ...init }] }),
})
const env = (name: string, value?: string) => pod({ env: [{ name, ...(value === undefined ? {} : { value }) }] })

const SEEN: readonly [string, PodSpec, string][] = [
  ['a Kafka group by its usual name', env('KAFKA_CONSUMER_GROUP', 'cart'), 'JoinsConsumerGroup'],
  ['a Spring consumer group', env('SPRING_KAFKA_CONSUMER_GROUP_ID', 'cart'), 'JoinsConsumerGroup'],
  ['a Kafka Streams application', env('KAFKA_STREAMS_APPLICATION_ID', 'cart'), 'JoinsConsumerGroup'],
  ['a queue', env('SQS_QUEUE_URL', 'https://q'), 'JoinsConsumerGroup'],
  ['a subscription', env('PUBSUB_SUBSCRIPTION', 's'), 'JoinsConsumerGroup'],
  ['a consumer group among the arguments', pod({ args: ['--group-id=cart'] }), 'JoinsConsumerGroup'],
  ['a worker of Celery', pod({ command: ['celery', '-A', 'shop', 'worker'] }), 'JoinsConsumerGroup'],
  ['leader election', pod({ args: ['--leader-elect'] }), 'JoinsLeaderElection'],
  ['leader election by variable', env('LEADER_ELECTION_ENABLED', 'true'), 'JoinsLeaderElection'],
  ['migrations by variable', env('RUN_MIGRATIONS', 'true'), 'RunsMigrations'],
  ['migrations of Flyway', env('SPRING_FLYWAY_ENABLED', 'true'), 'RunsMigrations'],
  ['migrations by an init container’s image', pod({}, { image: 'flyway/flyway:10' }), 'RunsMigrations'],
  ['migrations by its name', pod({}, { name: 'migrate' }), 'RunsMigrations'],
  ['migrations by its command', pod({}, { command: ['sh', '-c', 'rails db:migrate'] }), 'RunsMigrations'],
  ['migrations of Prisma', pod({ command: ['npx'], args: ['prisma', 'migrate', 'deploy'] }), 'RunsMigrations'],
  ['jobs on a schedule', pod({ args: ['celery', 'beat'] }), 'RunsSchedule'],
]

for (const [name, spec, reason] of SEEN) {
  t.test(`seen: ${name}`, async (t) => {
    t.strictSame(
      sideEffects(spec, spec).map((warning) => warning.reason),
      [reason],
    )
  })
}

const UNSEEN: readonly [string, PodSpec][] = [
  [
    'an ordinary server',
    pod({
      env: [
        { name: 'PORT', value: '80' },
        { name: 'LOG_LEVEL', value: 'info' },
      ],
      args: ['serve', '--port=80'],
    }),
  ],
  ['migrations that are off', env('RUN_MIGRATIONS', 'false')],
  ['a group without value', env('GROUP_ID', '')],
  ['a schema that is only checked', env('SPRING_JPA_HIBERNATE_DDL_AUTO', 'validate')],
  ['leader election that is off', pod({ args: ['--leader-elect=false'] })],
  ['a user’s group', env('RUN_AS_GROUP', '1000')],
]

for (const [name, spec] of UNSEEN) {
  t.test(`not taken for one: ${name}`, async (t) => {
    t.strictSame(sideEffects(spec, spec), [])
  })
}

t.test('what the sandbox has given another value is taken care of', async (t) => {
  t.strictSame(sideEffects(env('KAFKA_GROUP_ID', 'cart-pr-42'), env('KAFKA_GROUP_ID', 'cart')), [])
})

t.test('the message names the container and the sign', async (t) => {
  const [warning] = sideEffects(env('RUN_MIGRATIONS', '1'), env('RUN_MIGRATIONS', '1'))
  t.match(warning?.message, /^Container app \(RUN_MIGRATIONS\) seems to change the database at start/)
})

t.test('a StatefulSet’s fork that is told the baseline’s peers is told of', async (t) => {
  const peers = env('PEERS', 'http://store-0.store:2380,http://store-1.store.shop.svc:2380')
  t.strictSame(
    joinsPeers(peers, 'store', 'store').map(({ reason }) => reason),
    ['JoinsPeers'],
  )
  t.strictSame(joinsPeers(env('PEERS', 'restore-0.storefront'), 'store', 'store'), [])
})

const CLAIMS: readonly [string, readonly string[], string | undefined][] = [
  ['ReadWriteOnce', ['ReadWriteOnce'], 'both write to the same data, and the fork can only run on the same node.'],
  ['ReadWriteMany', ['ReadWriteOnce', 'ReadWriteMany'], 'both write to the same data.'],
  [
    'ReadWriteOncePod',
    ['ReadWriteOncePod'],
    'only one pod may use it (ReadWriteOncePod), so the fork cannot start while the baseline runs.',
  ],
  ['not known', [], 'both use the same data.'],
]

for (const [name, modes, what] of CLAIMS) {
  t.test(`a claim that is shared, ${name}`, async (t) => {
    const spec: PodSpec = {
      ...pod({}),
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'cart' } },
        { name: 'tmp', emptyDir: {} },
      ],
    }
    t.strictSame(
      sharedClaims(spec, new Map([['cart', modes]])).map(({ message }) => message),
      [`Volume data is the baseline's claim cart: ${what} Patch the fork to use another volume.`],
    )
  })
}

t.test('a claim that is only read is not told of', async (t) => {
  const spec: PodSpec = {
    ...pod({}),
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'cart', readOnly: true } }],
  }
  t.strictSame(sharedClaims(spec, new Map()), [])
})
