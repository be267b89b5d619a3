// What is abandoned ends at once, at every stage, and leaves nothing behind that holds a program open.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'tap'
import { type ApiServer, startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import type { Abandoned, Stage } from '../fixtures/kubernetes/abandoning-program.ts'
import { startRelay } from '../fixtures/kubernetes/relay.ts'
import { mountServiceAccount } from '../fixtures/kubernetes/service-account.ts'

const PROGRAM = path.join(import.meta.dirname, '../fixtures/kubernetes/abandoning-program.ts')

const STAGES: readonly (readonly [Stage, string])[] = [
  ['connect', 'a connection is being made'],
  ['head', 'no answer has come yet'],
  ['body', 'watches are open'],
  ['retry', 'a reflector waits to try again'],
  ['busy', 'a busy server asked to come back later'],
  ['idle', 'nothing is going on, and connections are kept'],
]

test('a program that abandons everything ends by itself', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const account = await mountServiceAccount(t, server, 'account')
  await makeKeptPod(server)
  for (const [stage, when] of STAGES) {
    await t.test(`when ${when}`, async (t) => {
      const relay = await startRelay(t, server.url)
      if (stage === 'connect') relay.hold()
      if (stage === 'retry') relay.cut()
      const child = fork(PROGRAM, [account.directory, relay.url, stage])
      t.teardown(() => child.kill('SIGKILL'))
      const ended = once(child, 'exit')
      let report: Abandoned | undefined
      child.on('message', (message: 'hold' | Abandoned) => {
        if (message === 'hold') {
          relay.hold()
          child.send('held')
        } else report = message
      })
      const told = new Promise<void>((resolve) => child.on('message', (message) => message !== 'hold' && resolve()))
      await Promise.race([told, ended])
      const at = performance.now()
      t.match(await ended, [0, null])
      const left = performance.now() - at
      t.strictSame(report?.resources, [])
      t.ok(report !== undefined && report.took < 3000, `everything had ended after ${report?.took.toFixed(1)} ms`)
      t.ok(left < 3000, `and the program after another ${left.toFixed(1)} ms`)
    })
  }
})

/** Whoever evicts it is told to come back in ten seconds: nobody here counts how many pods the budget has. */
async function makeKeptPod(server: ApiServer): Promise<void> {
  const metadata = { namespace: 'default', name: 'kept', labels: { app: 'kept' } }
  await server.kubectl.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'default' } },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector: { matchLabels: metadata.labels } },
    },
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c', image: 'none' }] } },
  )
  const running = JSON.stringify({ status: { phase: 'Running' } })
  await server.kubectl.run(['patch', 'pod', 'kept', '--subresource=status', '--type=merge', `--patch=${running}`])
}
