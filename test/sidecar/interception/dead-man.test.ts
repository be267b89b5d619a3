// A sidecar that dies, hangs or ends takes nobody's calls with it: the kernel stops redirecting, with or without an agent.

import t from 'tap'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { BEAT_TIMEOUT_MS, REDIRECTED_FILE, WAIT_COMMAND } from '../../../core/interception.ts'
import { call } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART } from '../../fixtures/namespace/pod.ts'
import { KEY, cart, startShop } from '../../fixtures/namespace/shop.ts'
import { until } from '../../fixtures/until.ts'

/** A call takes some time itself on a busy machine. */
const BUSY_MS = 500

t.test('calls go to the baseline', { skip: NO_NAMESPACES }, async (t) => {
  t.test('within 3 s of the death of a sidecar whose agent is gone', async (t) => {
    const { pod, sidecar, agent } = await startShop(t)
    agent.stop()
    await sidecar.kill('SIGKILL')
    const start = performance.now()
    const refused = new Set<string>()
    await until(async () => {
      const answer = await call(pod.inside, CART, KEY)
      if (answer !== 'cart') refused.add(answer)
      return answer === 'cart'
    })
    const milliseconds = Math.round(performance.now() - start)
    t.comment(`on the baseline after ${milliseconds} ms`)
    t.ok(milliseconds < BEAT_TIMEOUT_MS + BUSY_MS, `${milliseconds} ms`)
    t.strictSame([...refused], ['ECONNREFUSED'])
  })

  t.test('within 3 s of the stop of a sidecar, which answers when it goes on what it was asked before', async (t) => {
    const { pod, sidecar, agent } = await startShop(t)
    await sidecar.kill('SIGSTOP')
    const start = performance.now()
    const calls: Promise<string>[] = []
    const onBaseline: number[] = []
    const one = async () => {
      const answer = await call(pod.inside, CART, KEY)
      if (answer === 'cart') onBaseline.push(performance.now() - start)
      return answer
    }
    await until(() => {
      calls.push(one())
      return onBaseline.length > 0
    })
    const milliseconds = Math.round(onBaseline[0] ?? 0)
    t.comment(`on the baseline after ${milliseconds} ms`)
    t.ok(milliseconds < BEAT_TIMEOUT_MS + BUSY_MS, `${milliseconds} ms`)
    await sidecar.kill('SIGCONT')
    t.strictSame(new Set(await Promise.all(calls)), new Set(['fork', 'cart']))
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    await until(() => agent.state?.events['beat-late'] === 1)
  })

  t.test('when a sidecar ends, and not one call is lost: the agent takes the redirect away', async (t) => {
    const { pod, sidecar, agent } = await startShop(t)
    const calls = startCalls(() => call(pod.inside, CART, KEY))
    const start = performance.now()
    sidecar.child.kill('SIGTERM')
    await until(() => agent.state?.draining === true)
    await pod.unredirect(cart)
    agent.send({ redirected: false })
    await sidecar.kill('SIGTERM')
    const milliseconds = performance.now() - start
    await until(() => calls.answers.at(-1) === 'cart')
    await calls.stop()
    t.strictSame(new Set(calls.answers), new Set(['fork', 'cart']))
    t.ok(milliseconds < BEAT_TIMEOUT_MS, 'it did not wait for the kernel')
  })

  t.test('when a sidecar without an agent ends, and not one call is lost: it waits for the kernel', async (t) => {
    const { pod, sidecar, agent } = await startShop(t)
    agent.stop()
    const calls = startCalls(() => call(pod.inside, CART, KEY))
    sidecar.child.kill('SIGTERM')
    await until(() => sidecar.child.exitCode !== null)
    await until(() => calls.answers.at(-1) === 'cart')
    await calls.stop()
    t.strictSame(new Set(calls.answers), new Set(['fork', 'cart']))
    t.equal(sidecar.child.exitCode, 0)
  })
})

t.test('the app’s start waits until its calls are redirected', { skip: NO_NAMESPACES }, async (t) => {
  const { pod, program, agent } = await startShop(t)
  const marker = path.join(program.folder, REDIRECTED_FILE)
  await until(() => existsSync(marker))
  const [shell = '', ...args] = WAIT_COMMAND.map((each) => each.replaceAll('/var/run/sidetrack', program.folder))
  await pod.inside.run(shell, args)
  agent.send({ redirected: false })
  await until(() => !existsSync(marker))
  const start = performance.now()
  const waiting = pod.inside.run(shell, args)
  agent.send({ redirected: true })
  await waiting
  t.ok(performance.now() - start < 2900, 'it ends as soon as they are')
  agent.send({ redirected: false })
  await until(() => !existsSync(marker))
  const alone = performance.now()
  await pod.inside.run(shell, args)
  const milliseconds = performance.now() - alone
  t.ok(
    milliseconds > 2800 && milliseconds < 3000 + BUSY_MS,
    `it ends well anyway, after ${Math.round(milliseconds)} ms`,
  )
})

/** Calls one after the other, each on a connection of its own. */
function startCalls(one: () => Promise<string>) {
  const answers: string[] = []
  const stopped = new AbortController()
  const loop = (async () => {
    while (!stopped.signal.aborted) answers.push(await one())
  })()
  return {
    answers,
    async stop() {
      stopped.abort()
      await loop
    },
  }
}
