// What an interruption costs: 500 requests a second over kept connections from one pod, while parts of Sidetrack are killed, stopped, or
// replaced under it. Every lost request is counted and printed by its kind.

import { test, type Test } from 'tap'
import { SYSTEM } from '../cluster/installation.ts'
import { eventually } from './stage/api.ts'
import { assertClean, describe, errand, Ledger, type Page } from './ledger/ledger.ts'
import type { Errand } from './ledger/judge.ts'
import { containerOf, podsOf } from './stage/container.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'

const RATE = 500
const CALM = 500
const CLIENT_PATIENCE_MS = 1000
/** How long the kernel redirects to a sidecar that gives no sign, and what a busy machine adds. */
const SWITCH_MS = 3000 + 1000
const AGENT = 'app.kubernetes.io/component=agent'
const CONTROLLER = 'app.kubernetes.io/component=controller'

test('under 500 requests a second', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { cluster, kubectl, nodes } = stage
  const namespace = await useNamespace(t, kubectl, 'faults')
  const shop = await Shop.open(stage, namespace)
  const fork = await shop.fork('pricing', 'pr-57')
  const route = async () => {
    await shop.intercept('pricing')
    await shop.route('pricing', 'pr-57', fork)
    await shop.programmed()
  }
  await route()
  const [node] = nodes
  const name = 'ledger'
  const ledger = await Ledger.start(t, stage, {
    namespace,
    name,
    node,
    annotations: { 'sidetrack.dev/inject': 'true' },
  })
  const unkeyed = errand('pricing', undefined, { pricing: ['baseline'] }, 49)
  const send = (...errands: readonly Errand[]) => ledger.plan({ rate: RATE, errands, patience: CLIENT_PATIENCE_MS })

  const agent = async () => containerOf(cluster, SYSTEM, (await podsOf(cluster, SYSTEM, AGENT, node))[0] ?? '', 'agent')
  const sidecar = () => containerOf(cluster, namespace, name, 'sidetrack')
  const ready = (workload: string) =>
    kubectl.run(['rollout', 'status', workload, `--namespace=${SYSTEM}`, '--timeout=90s'])

  /** New routes reach sidecars again. */
  const works = async () => {
    await eventually(() =>
      kubectl.run(['get', '--raw=/readyz']).then(
        () => true,
        () => false,
      ),
    )
    await shop.programmed()
  }

  const harmless: Readonly<Record<string, () => Promise<void>>> = {
    'kill -9 of the agent': async () => (await agent()).signal('SIGKILL'),
    'kill -9 of the controllers': async () => {
      for (const pod of await podsOf(cluster, SYSTEM, CONTROLLER)) {
        await (await containerOf(cluster, SYSTEM, pod, 'controller')).signal('SIGKILL')
      }
    },
    'kill -9 of the API server': async () => cluster.machines[0]?.kill('kube-apiserver', 'SIGKILL'),
    'a rollout of new agents': async () => {
      await kubectl.run(['rollout', 'restart', 'daemonset/sidetrack-agent', `--namespace=${SYSTEM}`])
      await ready('daemonset/sidetrack-agent')
    },
  }
  for (const [what, strike] of Object.entries(harmless))
    await t.test(`${what} loses nothing, and misroutes nothing`, async (t) => {
      await ledger.renew()
      await send(unkeyed, keyed('pr-57'))
      const { entries } = await ledger.page()
      await ledger.more(CALM)
      await strike()
      await works()
      await ledger.more(CALM)
      const page = await ledger.page(entries)
      t.comment(describe(page))
      assertClean(t, page)
    })

  const struck: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
    'kill -9 of the sidecar': async () => {
      await (await sidecar()).signal('SIGKILL')
      return async () => undefined
    },
    'kill -9 of sidecar and agent': async () => {
      const both = await Promise.all([sidecar(), agent()])
      await Promise.all(both.map((each) => each.signal('SIGKILL')))
      return async () => undefined
    },
    'SIGSTOP of the sidecar': async () => {
      const stopped = await sidecar()
      await stopped.signal('SIGSTOP')
      return async () => {
        await eventually(() => ledger.tries(keyed('baseline')))
        await ledger.more(CALM)
        await stopped.signal('SIGCONT')
      }
    },
  }
  for (const [what, strike] of Object.entries(struck))
    await t.test(`${what} loses what was in flight, and connects until it was out of the way`, async (t) => {
      await ledger.renew()
      await send(unkeyed, keyed('pr-57', 'baseline'))
      const { entries } = await ledger.page()
      await ledger.more(CALM)
      const mend = await strike()
      await mend()
      await eventually(() => ledger.tries(keyed('pr-57')), 60_000)
      await ledger.more(CALM)
      const page = await ledger.page(entries)
      t.comment(describe(page))
      assertBrief(t, page)
    })
})

function keyed(...variants: readonly string[]): Errand {
  return errand('pricing', 'pr-57', { pricing: variants })
}

/** Nothing was misrouted, and from the first loss to the last it took no longer than the kernel needs to pass the sidecar by. */
function assertBrief(t: Test, { lost, misrouted }: Page): void {
  t.same(misrouted, {})
  for (const kind of Object.keys(lost)) t.match(kind, /: (connect|sent) /)
  const tallies = Object.values(lost)
  if (tallies.length === 0) return
  const span = Math.max(...tallies.map(({ last }) => last)) - Math.min(...tallies.map(({ first }) => first))
  t.ok(span < SWITCH_MS, `${span} ms`)
}
