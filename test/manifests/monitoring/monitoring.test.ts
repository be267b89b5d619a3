// The dashboard shows what agents and controllers serve, and the documentation lists it: asked of a real Prometheus.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { Hub } from '../../../agent/hub.ts'
import { createMetrics as agentMetrics } from '../../../agent/metrics.ts'
import { addNodeMetrics } from '../../../agent/node/node-metrics.ts'
import { createMetrics as controllerMetrics } from '../../../controller/metrics.ts'
import { startAdmin } from '../../../runtime/admin.ts'
import { Readiness } from '../../../runtime/readiness.ts'
import { freePorts } from '../../fixtures/free-port.ts'
import { startLoad } from '../../fixtures/load.ts'
import { sidetrack } from '../../fixtures/sidetrack-process.ts'
import { until } from '../../fixtures/until.ts'
import { variantServer } from '../../fixtures/variant-server.ts'
import { dashboardQueries, metricsOf } from './dashboard.ts'
import { type Series, complaints, noPrometheus, startPrometheus } from './prometheus.ts'

const DOCUMENTATION = path.join(import.meta.dirname, '../../../docs/metrics.md')

interface Documented {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
  readonly help: string
}

const documented = readFileSync(DOCUMENTATION, 'utf8')
  .split('\n')
  .flatMap((line): Documented[] => {
    const [, name, type = '', labels = '', help = ''] = /^\| `(\w+)` \| (\w+) \| (.*) \| (.*) \|$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, type, labels: labels.trim() === '' ? [] : labels.split(', '), help }]
  })

t.test('the documentation lists exactly the metrics of agent and controller', async (t) => {
  const pages = [await nodeMetrics().text(), await controllerMetrics().text()]
  const served = [...pages.join('').matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)]
  t.strictSame(
    documented.map(({ name, type, help }) => `${name} ${type} ${help}`),
    served.map(([, name, help, type]) => `${name} ${type} ${help}`),
  )
})

t.test('the dashboard shows every metric, and none that there is not', async (t) => {
  const shown = new Set(dashboardQueries('1m').flatMap(({ query }) => metricsOf(query)))
  t.strictSame([...shown].toSorted(), documented.map(({ name }) => name).toSorted())
})

t.test('a real Prometheus has data for every query of the dashboard', { skip: noPrometheus() }, async (t) => {
  const [baseline, fork] = await Promise.all(['baseline', 'fork'].map((name) => variantServer(t, name)))
  const [port = 0] = await freePorts(1)
  const folder = t.testdir({ prometheus: {} })
  const file = path.join(folder, 'shop.yaml')
  const write = (change: number) => {
    const routes = [
      { key: 'pr-42', address: fork?.address },
      { key: 'broken', ready: false, reason: 'the image cannot be pulled' },
      { key: `change-${change}`, address: fork?.address },
    ]
    const service = { name: 'cart', listen: `127.0.0.1:${port}`, baseline: baseline?.address, routes }
    writeFileSync(`${file}.new`, JSON.stringify({ services: [service] }))
    renameSync(`${file}.new`, file)
  }
  write(0)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  const agent = /^admin +http:\/\/(\S+?)\/$/m.exec(program.output.stdout)?.[1] ?? ''

  const metrics = controllerMetrics()
  metrics.leads(true)
  metrics.certificateEnds(Date.now() + 86_400_000)
  metrics.watching({ depth: () => 3, sandboxes: () => new Map([['Ready', 2]]) })
  const [controller, node] = await Promise.all(
    [metrics, nodeMetrics()].map((served) =>
      startAdmin({ host: '127.0.0.1', port: 0 }, new Readiness(), {
        '/metrics': { title: 'metrics', content: () => served.text(), type: 'text/plain; version=0.0.4' },
      }),
    ),
  )
  t.teardown(() => {
    controller?.close()
    node?.close()
  })

  const targets = { agent, controller: controller?.address ?? '', node: node?.address ?? '' }
  const prometheus = await startPrometheus(t, path.join(folder, 'prometheus'), targets)
  let change = 0
  const activity = setInterval(() => {
    write(++change)
    metrics.answered({ outcome: 'ignored' }, 0.002)
    metrics.handshakeFailed()
    metrics.reconciled('Sandbox', 0.02)
    metrics.reconcileFailed('Sandbox')
  }, 400)
  const loads = ['', 'pr-42', 'broken'].map((key) =>
    startLoad(`http://127.0.0.1:${port}/`, { baggage: `sidetrack=${key}` }, 2),
  )
  t.teardown(async () => {
    clearInterval(activity)
    await Promise.all(loads.map((load) => load.stop()))
  })

  for (const { panel, query } of dashboardQueries('5s')) {
    await t.test(`${panel}: ${query}`, async (t) => {
      await until(async () => hasFigures(await prometheus.query(query)))
      t.pass('it has')
    })
  }

  await t.test('what is served has the labels that are documented, and promtool has nothing against it', async (t) => {
    const foreign = new Set(['__name__', 'job', 'instance', 'le'])
    for (const { name, type, labels } of documented) {
      const [series] = await prometheus.query(type === 'histogram' ? `${name}_count` : name)
      const found = Object.keys(series?.metric ?? {}).filter((label) => !foreign.has(label))
      t.strictSame(found.toSorted(), labels.toSorted(), name)
    }
    const { body } = await program.page('/metrics')
    t.equal(await complaints(String(body)), '')
    t.equal(await complaints(await metrics.text()), '')
    t.equal(await complaints(await nodeMetrics().text()), '')
  })
})

/** As the agent of a node has them. */
function nodeMetrics() {
  const route = { refused: 'it leads to the node' }
  return agentMetrics(new Hub(), (registry) =>
    addNodeMetrics(registry, {
      bypassing: () => [{ reason: 'SidecarDown' }],
      kernelFailures: () => Math.floor(performance.now() / 1000),
      routes: () => [{ route }],
    }),
  )
}

function hasFigures(series: readonly Series[]): boolean {
  return series.length > 0 && series.every(({ value: [, value] }) => Number.isFinite(Number(value)))
}
