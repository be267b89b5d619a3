import t from 'tap'
import { type NodeWord, type RoutedNode, programmedState } from '../../../controller/programmed/programmed.ts'

const word = (routes: string, change: Partial<NodeWord> = {}): NodeWord => ({
  routes,
  tables: '5',
  sidecars: 1,
  bypassing: [],
  ...change,
})
const node = (name: string, report: NodeWord | undefined, change: Partial<RoutedNode> = {}): RoutedNode => ({
  name,
  ready: true,
  agent: true,
  report,
  ...change,
})
const WANTED = { routes: '10', tables: '5' }

const CASES: readonly [string, readonly RoutedNode[], boolean, string, string][] = [
  [
    'in force on every node',
    [node('a', word('10')), node('b', word('11'))],
    true,
    'InForce',
    'In force on every node.',
  ],
  [
    'one node behind',
    [node('a', word('9')), node('b', word('10'))],
    false,
    'Waiting',
    'In force on 1 of 2 nodes; waiting for a.',
  ],
  [
    'routes in force and tables not',
    [node('a', word('10', { tables: '4' }))],
    false,
    'Waiting',
    'In force on 0 of 1 nodes; waiting for a.',
  ],
  [
    'versions are numbers, not text',
    [node('a', word('9'))],
    false,
    'Waiting',
    'In force on 0 of 1 nodes; waiting for a.',
  ],
  [
    'an agent without sidecars has nothing to bring into force',
    [node('a', word('1', { sidecars: 0 }))],
    true,
    'InForce',
    'In force on every node.',
  ],
  [
    'an agent that has said nothing yet',
    [node('a', undefined), node('b', word('10'))],
    false,
    'Waiting',
    'In force on 1 of 2 nodes; waiting for a.',
  ],
  [
    'a node that is not ready is left out and named',
    [node('a', word('1'), { ready: false }), node('b', word('10'))],
    true,
    'InForceWithGaps',
    'In force on all other nodes. Left out: a (not ready).',
  ],
  [
    'a node without agent is left out and named',
    [node('a', undefined, { agent: false }), node('b', word('10'))],
    true,
    'InForceWithGaps',
    'In force on all other nodes. Left out: a (no agent).',
  ],
  [
    'with its opted-in pods, if they are known',
    [node('a', undefined, { agent: false, optedIn: 2 }), node('b', word('10'))],
    true,
    'InForceWithGaps',
    'In force on all other nodes. Left out: a (no agent, 2 opted-in pods).',
  ],
  [
    'a node without agent and without opted-in pods is none of ours',
    [node('a', undefined, { agent: false, optedIn: 0 }), node('b', word('10'))],
    true,
    'InForce',
    'In force on every node.',
  ],
  [
    'pods that bypass are named',
    [
      node(
        'a',
        word('10', { bypassing: [{ namespace: 'shop', pod: 'web-1', reason: 'NoSidecar', message: '', since: '' }] }),
      ),
    ],
    true,
    'InForceWithGaps',
    'In force on every node. Not redirected: shop/web-1 (NoSidecar).',
  ],
  [
    'no agent anywhere',
    [node('a', undefined, { agent: false })],
    false,
    'NoAgents',
    'No agent runs on a node that is ready. Left out: a (no agent).',
  ],
  ['no node', [], false, 'NoAgents', 'No node is known.'],
]

for (const [name, nodes, programmed, reason, message] of CASES) {
  t.test(name, async (t) => {
    t.strictSame(programmedState(nodes, WANTED, undefined), { programmed, reason, message })
  })
}

t.test('what was in force everywhere is not asked for again when a node comes or an agent starts again', async (t) => {
  const nodes = [node('a', undefined), node('b', word('10'))]
  t.equal(programmedState(nodes, WANTED, WANTED).programmed, true)
  t.equal(programmedState(nodes, WANTED, { routes: '9', tables: '5' }).programmed, false, 'a newer route is')
})
