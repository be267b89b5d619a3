// Leaders that die without a word, and clocks that are set: candidates in processes of their own on a real API server.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import t, { type Test } from 'tap'
import type { LeaseTiming } from '../../controller/leader.ts'
import type { Client } from '../../kubernetes/client.ts'
import { getLease } from '../../kubernetes/lease.ts'
import { type ApiServer, startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import type { ClockJump } from '../fixtures/candidate-program.ts'
import { adminClient } from '../fixtures/kubernetes/api-client.ts'
import { until } from '../fixtures/until.ts'

const PROGRAM = path.join(import.meta.dirname, '../fixtures/candidate-program.ts')
const TIMING: LeaseTiming = { durationSeconds: 3, deadlineMs: 2000, retryMs: 300 }
const HOUR = 3_600_000

interface Spec {
  readonly holderIdentity: string
  readonly leaseTransitions: number
  readonly renewTime: string
}

t.test('the lease', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const client = await adminClient(t, server)

  await t.test('a leader that is killed is followed when its lease has run out, and not before', async (t) => {
    const [first, second] = await twoCandidates(t, server, 'killed')
    const renewals = await renewalsOf(client, 'killed', 2)
    t.ok(renewals, 'it renews')
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const last = Date.parse((await spec(client, 'killed')).renewTime)
    await until(() => second.leads)
    const after = Date.now() - last
    t.ok(after >= TIMING.durationSeconds * 1000, `${after} ms after its last renewal`)
    t.match(await spec(client, 'killed'), { holderIdentity: 'second', leaseTransitions: 1 })
  })

  for (const [what, jumpMs] of [
    ['forward', HOUR],
    ['back', -HOUR],
  ] as const) {
    await t.test(
      `a clock that is set ${what} by an hour changes no leader, and a leader's death is still seen`,
      async (t) => {
        const lease = `clock-${what}`
        const [first, second] = await twoCandidates(t, server, lease)
        await jump(first.child, jumpMs)
        await jump(second.child, -jumpMs)
        t.ok(await renewalsOf(client, lease, 12), 'it renews for longer than the lease lasts')
        const { renewTime } = await spec(client, lease)
        t.ok(Math.abs(Date.parse(renewTime) - Date.now() - jumpMs) < HOUR / 2, 'with its own clock')
        t.match({ first: first.leads, second: second.leads }, { first: true, second: false })
        t.equal(first.terms, 1)
        first.child.kill('SIGKILL')
        await until(() => second.leads)
        t.equal(second.terms, 1)
      },
    )
  }
})

interface CandidateProcess {
  readonly child: ChildProcess
  readonly leads: boolean
  readonly terms: number
}

/** The first one leads. */
async function twoCandidates(
  t: Test,
  server: ApiServer,
  lease: string,
): Promise<readonly [CandidateProcess, CandidateProcess]> {
  const first = candidate(t, server, 'first', lease)
  await until(() => first.leads)
  const second = candidate(t, server, 'second', lease)
  return [first, second]
}

function candidate(t: Test, server: ApiServer, identity: string, lease: string): CandidateProcess {
  const child = fork(PROGRAM, [server.kubectl.kubeconfig, identity, lease, JSON.stringify(TIMING)])
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let leads = false
  let terms = 0
  child.on('message', (message) => {
    if (message === 'begins') terms++
    if (message === 'begins' || message === 'ends') leads = message === 'begins'
  })
  return {
    child,
    get leads() {
      return leads
    },
    get terms() {
      return terms
    },
  }
}

async function jump(child: ChildProcess, jumpMs: number): Promise<void> {
  const jumped = new Promise<void>((resolve) => {
    child.on('message', (message) => message === 'jumped' && resolve())
  })
  child.send({ jumpMs } satisfies ClockJump)
  await jumped
}

async function spec(client: Client, name: string): Promise<Spec> {
  const lease = await getLease(client, { namespace: 'default', name })
  return { holderIdentity: '', leaseTransitions: 0, renewTime: '', ...lease?.spec }
}

/** Resolves when the lease was renewed so many times more. */
async function renewalsOf(client: Client, lease: string, count: number): Promise<boolean> {
  const seen = new Set<string>()
  await until(async () => seen.add((await spec(client, lease)).renewTime).size > count)
  return true
}
