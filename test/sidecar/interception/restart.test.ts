// A sidecar that starts again routes at once what it knew, with no agent there.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, OTHER_FORK } from '../../fixtures/namespace/pod.ts'
import { KEY, startShop } from '../../fixtures/namespace/shop.ts'
import { until } from '../../fixtures/until.ts'

t.test('a restarted sidecar', { skip: NO_NAMESPACES }, async (t) => {
  t.test('has the routes that it had confirmed, the last ones included', async (t) => {
    const { pod, program, sidecar, agent } = await startShop(t)
    await pod.serve(OTHER_FORK, named('other fork'))
    await agent.apply({ put: { kind: 'route', table: 'cart', key: 'pr-2', addresses: ['10.88.2.8:8080'] } })
    await sidecar.kill('SIGKILL')
    agent.stop()
    const start = performance.now()
    program.start(pod.inside)
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    t.comment(`routes again after ${Math.round(performance.now() - start)} ms`)
    t.equal(await call(pod.inside, CART, 'pr-2'), 'other fork')
    t.equal(await call(pod.inside, CART), 'cart')
    t.ok(await pod.beats())
  })

  t.test('believes nothing that is broken, and takes no calls then', async (t) => {
    const { pod, program, sidecar, agent } = await startShop(t)
    await sidecar.kill('SIGKILL')
    agent.stop()
    const file = path.join(program.folder, 'table')
    const good = readFileSync(file, 'utf8')
    for (const [fact, text] of [
      ['another version', good.replace(/"version":"[^"]*"/, '"version":"0.0.0"')],
      ['another network namespace', good.replace(/net:\[\d+\]/, 'net:[1]')],
      ['not JSON', `${good.split('\n', 1)[0]}\n{"snapshot":true}\nnonsense\n`],
      ['no end', good.slice(0, good.indexOf('{"synced"'))],
      ['empty', ''],
    ] as const) {
      writeFileSync(file, text)
      const next = program.start(pod.inside)
      await until(() => next.output.text.includes('no agent; the last table stays in force'))
      t.notMatch(next.output.text, 'kept table in force', fact)
      if (fact !== 'no end') t.match(next.output.text, 'the kept table is of no use', fact)
      await next.kill('SIGKILL')
    }
    await until(async () => !(await pod.beats()))
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    // A change that was being written when the process died had not been confirmed.
    writeFileSync(file, good)
    appendFileSync(file, '{"drop":{"kind":"route","table":"cart","key":"pr-1"}}\n{"revis')
    program.start(pod.inside)
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
  })
})
