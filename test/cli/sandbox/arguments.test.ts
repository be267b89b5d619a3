import t from 'tap'
import { type CreateArguments, type NewSandbox, sandboxFrom } from '../../../cli/sandbox/arguments.ts'
import type { ForkFlag } from '../../../cli/sandbox/fork-flags.ts'

const CART = { kind: 'Deployment', name: 'cart' } as const

/** `--fork deploy/cart --image cart=x` as it is typed. */
function flags(line: string): readonly ForkFlag[] {
  return [...line.matchAll(/--(\S+) (\S+)/g)].map(([, flag = '', text = '']) => ({
    flag: flag as ForkFlag['flag'],
    text,
  }))
}

const FILE: NewSandbox = {
  metadata: { name: 'nightly', labels: { team: 'pay' } },
  spec: {
    routingKey: 'night',
    ttl: { duration: '8h', from: 'created' },
    forks: [
      {
        of: CART,
        images: [{ container: 'cart', image: 'cart:1' }],
        env: [{ container: 'cart', name: 'A', value: '1' }],
      },
    ],
  },
}

const FORKS: readonly [fact: string, line: string, forks: object][] = [
  [
    'one fork with an image',
    '--fork deploy/cart --image cart=registry:5000/cart:pr-42@sha256:ab',
    [{ of: CART, images: [{ container: 'cart', image: 'registry:5000/cart:pr-42@sha256:ab' }] }],
  ],
  [
    'flags are about the fork before them',
    '--fork deploy/cart --image cart=a --fork sts/db --image db=b --replicas 3 --fork rollout/web',
    [
      { of: CART, images: [{ container: 'cart', image: 'a' }] },
      { of: { kind: 'StatefulSet', name: 'db' }, images: [{ container: 'db', image: 'b' }], replicas: 3 },
      { of: { kind: 'Rollout', name: 'web' } },
    ],
  ],
  [
    'a --fork of what is there already goes on with it',
    '--fork deploy/cart --fork sts/db --fork deployments.apps/cart --replicas 2',
    [{ of: CART, replicas: 2 }, { of: { kind: 'StatefulSet', name: 'db' } }],
  ],
  [
    'variables are set and taken away, the last word counts',
    '--fork deploy/cart --env cart:A=1 --env cart:B=x=y:z --env cart:C- --env cart:A=2 --env cart:D=',
    [
      {
        of: CART,
        env: [
          { container: 'cart', name: 'B', value: 'x=y:z' },
          { container: 'cart', name: 'C', delete: true },
          { container: 'cart', name: 'A', value: '2' },
          { container: 'cart', name: 'D', value: '' },
        ],
      },
    ],
  ],
]

for (const [fact, line, forks] of FORKS) {
  t.test(fact, async (t) => {
    t.strictSame(sandboxFrom({ name: 'pr-42', forks: flags(line) }), { metadata: { name: 'pr-42' }, spec: { forks } })
  })
}

t.test('key, time to live and what unready forks get are taken over', async (t) => {
  const args = {
    name: 'pr-42',
    key: 'k',
    ttl: '2h30m',
    unready: 'baseline',
    forks: flags('--fork deploy/cart'),
  } as const
  t.strictSame(sandboxFrom(args).spec, {
    routingKey: 'k',
    ttl: { duration: '2h30m' },
    unready: 'baseline',
    forks: [{ of: CART }],
  })
})

t.test('a file is taken as it is', async (t) => {
  t.strictSame(sandboxFrom({ forks: [] }, FILE), FILE)
})

t.test('flags change what the file says, and nothing else', async (t) => {
  const made = sandboxFrom({ name: 'pr-42', ttl: '1h', forks: flags('--image cart=cart:2') }, FILE)
  t.strictSame(made, {
    metadata: { name: 'pr-42', labels: { team: 'pay' } },
    spec: {
      ...FILE.spec,
      ttl: { duration: '1h', from: 'created' },
      forks: [{ ...FILE.spec.forks[0], images: [{ container: 'cart', image: 'cart:2' }] }],
    },
  })
})

const WRONG: readonly [fact: string, args: Partial<CreateArguments>, says: RegExp][] = [
  ['no name', { name: undefined }, /needs a NAME/],
  ['no fork', { forks: [] }, /needs a fork/],
  [
    'an image before any fork',
    { forks: flags('--image a=b --fork deploy/cart') },
    /--image a=b needs the --fork before/,
  ],
  ['a workload without a kind', { forks: flags('--fork cart') }, /"cart" names no workload/],
  ['a workload without a name', { forks: flags('--fork deploy/') }, /names no workload/],
  ['a kind that cannot be forked', { forks: flags('--fork ds/cart') }, /ds is no kind that can be forked/],
  ['an image without a container', { forks: flags('--fork deploy/cart --image cart:2') }, /CONTAINER=IMAGE/],
  ['an image that is empty', { forks: flags('--fork deploy/cart --image cart=') }, /CONTAINER=IMAGE/],
  ['a variable without a container', { forks: flags('--fork deploy/cart --env A=1') }, /CONTAINER:NAME=VALUE/],
  ['a variable without a value', { forks: flags('--fork deploy/cart --env cart:A') }, /CONTAINER:NAME=VALUE/],
  ['a variable without a name', { forks: flags('--fork deploy/cart --env cart:=1') }, /CONTAINER:NAME=VALUE/],
  ['a colon in the value only', { forks: flags('--fork deploy/cart --env A=b:c') }, /CONTAINER:NAME=VALUE/],
  ['no pods', { forks: flags('--fork deploy/cart --replicas 0') }, /--replicas 0/],
  ['half a pod', { forks: flags('--fork deploy/cart --replicas 1.5') }, /--replicas 1.5/],
  ['too many pods', { forks: flags('--fork deploy/cart --replicas 51') }, /from 1 to 50/],
  ['a key that is no key', { key: 'a.b' }, /--key a.b is no routing key/],
  ['a name that is no key', { name: 'a.b' }, /needs one: --key/],
  ['a time that is none', { ttl: '1d' }, /--ttl 1d is no duration/],
]

for (const [fact, args, says] of WRONG) {
  t.test(`${fact} is said to be wrong`, async (t) => {
    const all = { name: 'pr-42', forks: flags('--fork deploy/cart'), ...args }
    t.throws(() => sandboxFrom(all), { code: 'ST4001', message: says })
  })
}
