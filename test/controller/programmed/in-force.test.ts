import t from 'tap'
import { InForce } from '../../../controller/programmed/in-force.ts'
import { View } from '../../../controller/view/view.ts'

const WANTED = { routes: '20', tables: '7' }

interface Change {
  readonly ready?: boolean
  /** Of the node's agent; none if not given. */
  readonly agent?: 'Running' | 'Pending'
  readonly left?: boolean
  /** The Routes that are in force; no report if not given. */
  readonly routes?: string
  readonly sidecars?: number
}

function start(nodes: Readonly<Record<string, Change>>) {
  const view = new View()
  const inForce = new InForce(view)
  const put = (name: string, { ready = true, agent, left, routes, sidecars = 1 }: Change) => {
    const metadata = { name, uid: name, resourceVersion: String(Math.random()) }
    view.nodes.put({ metadata, ready, addresses: [] }, '1')
    const of = { ...metadata, namespace: 'sidetrack-system' }
    if (agent === undefined) view.agents.removed({ metadata: of, node: name, running: true }, '1')
    else view.agents.put({ metadata: of, node: name, running: agent === 'Running' }, '1')
    if (left === true) inForce.agentLeft(name)
    if (routes === undefined) return
    const status = { routes, tables: '9', sidecars, bypassing: [], observedAt: '' }
    view.reports.put({ apiVersion: '', kind: 'NodeReport', metadata, status }, '1')
  }
  for (const [name, change] of Object.entries(nodes)) put(name, change)
  return { inForce, put }
}

const CASES: readonly [string, Change, boolean, RegExp?][] = [
  ['has them in force', { agent: 'Running', routes: '20' }, true],
  ['is behind', { agent: 'Running', routes: '19' }, false, /waiting for b/],
  ['is behind and has no sidecars', { agent: 'Running', routes: '19', sidecars: 0 }, true],
  ['has an agent that has not said anything yet', { agent: 'Running' }, false, /waiting for b/],
  ['has an agent that has never run there', { agent: 'Pending' }, true, /Left out: b \(no agent\)/],
  ['has an agent that is not back yet', { agent: 'Pending', routes: '19' }, false, /waiting for b/],
  ['has no agent', { routes: '19' }, true, /Left out: b \(no agent\)/],
  ['has no agent for a moment', { routes: '19', left: true }, false, /waiting for b/],
  ['is not ready', { ready: false, agent: 'Running', routes: '19' }, true, /Left out: b \(not ready\)/],
]

for (const [name, change, programmed, message = /./] of CASES) {
  t.test(`a node that ${name}: ${programmed ? 'in force' : 'waiting'}`, async (t) => {
    const { inForce } = start({ a: { agent: 'Running', routes: '20' }, b: change })
    t.match(inForce.state('x', WANTED, undefined), { programmed, message })
  })
}

t.test('those who wait are told of once, when they need not wait any longer', async (t) => {
  const { inForce, put } = start({ a: { agent: 'Running', routes: '19' } })
  inForce.state('x', WANTED, undefined)
  inForce.state('y', { ...WANTED, routes: '25' }, undefined)
  t.strictSame(inForce.reached(), [])
  put('a', { agent: 'Running', routes: '21' })
  t.strictSame(inForce.reached(), ['x'])
  inForce.state('x', WANTED, undefined)
  put('a', { agent: 'Running', routes: '30' })
  t.strictSame(inForce.reached(), ['y'])
})

t.test('nodes that are left out are a gap; those that come and have not said anything yet are none', async (t) => {
  const { inForce, put } = start({ a: { agent: 'Running', routes: '20' } })
  const gaps = (name: string, change: Change) => {
    put(name, change)
    inForce.reached()
    return inForce.gaps()
  }
  const before = inForce.gaps()
  t.equal(gaps('b', { agent: 'Running' }), before)
  t.equal(gaps('b', { agent: 'Running', routes: '20' }), before)
  t.match(gaps('b', { ready: false, agent: 'Running' }), /Left out: b \(not ready\)/)
})
