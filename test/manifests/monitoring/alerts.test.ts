// The alerts as promtool evaluates them: each fires for what it is about, and keeps quiet for what is only near it.

import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { parse } from 'yaml'
import { metricsOf } from './dashboard.ts'
import { noPrometheus } from './prometheus.ts'

const ALERTS = path.join(import.meta.dirname, '../../../manifests/monitoring/alerts.yaml')
const METRICS = path.join(import.meta.dirname, '../../../docs/metrics.md')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

const { spec }: { readonly spec: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } } = parse(
  readFileSync(ALERTS, 'utf8'),
)
const rules = spec.groups.flatMap((group) => group.rules)

/** Series with a value a minute, as promtool writes them: `0+1x60` begins with 0 and grows by 1 sixty times. */
interface Case {
  readonly when: string
  readonly series: Readonly<Record<string, string>>
  /** After an hour. */
  readonly fires: number
}

const UP = 'up{job="sidetrack-system/sidetrack-agent",instance="node1"}'
const LEADS = 'sidetrack_controller_leads{pod='
const CASES: Readonly<Record<string, readonly Case[]>> = {
  SidetrackPodBypassing: [
    {
      when: 'two nodes have pods without redirects',
      series: {
        'sidetrack_bypassing_pods{instance="node1",reason="SidecarDown"}': '1x60',
        'sidetrack_bypassing_pods{instance="node2",reason="NoSidecar"}': '3x60',
      },
      fires: 2,
    },
    {
      when: 'connections are older than the redirects',
      series: { 'sidetrack_bypassing_pods{instance="node1",reason="OldConnections"}': '1x60' },
      fires: 0,
    },
    {
      when: 'pods have only just begun to bypass',
      series: { 'sidetrack_bypassing_pods{instance="node1",reason="SidecarDown"}': '0x55 1x5' },
      fires: 0,
    },
  ],
  SidetrackSidecarBehind: [
    {
      when: 'one of two sidecars is behind',
      series: {
        'sidetrack_sidecar_up_to_date{instance="node1",sidecar="shop/a"}': '0x60',
        'sidetrack_sidecar_up_to_date{instance="node1",sidecar="shop/b"}': '1x60',
      },
      fires: 1,
    },
    {
      when: 'all are up to date',
      series: { 'sidetrack_sidecar_up_to_date{instance="node1",sidecar="shop/a"}': '1x60' },
      fires: 0,
    },
  ],
  SidetrackKernelFailures: [
    { when: 'they go on', series: { 'sidetrack_kernel_failures_total{instance="node1"}': '0+1x60' }, fires: 1 },
    { when: 'there were some', series: { 'sidetrack_kernel_failures_total{instance="node1"}': '0x5 9x55' }, fires: 0 },
  ],
  SidetrackRoutesRefused: [
    {
      when: 'every agent refuses the same route',
      series: {
        'sidetrack_refused_routes{instance="node1"}': '1x60',
        'sidetrack_refused_routes{instance="node2"}': '1x60',
      },
      fires: 1,
    },
    { when: 'none is refused', series: { 'sidetrack_refused_routes{instance="node1"}': '0x60' }, fires: 0 },
  ],
  SidetrackAgentDown: [
    { when: 'it does not answer', series: { [UP]: '1x10 0x50' }, fires: 1 },
    { when: 'it answers', series: { [UP]: '1x60' }, fires: 0 },
  ],
  SidetrackNoLeader: [
    { when: 'no replica leads', series: { [`${LEADS}"a"}`]: '0x60', [`${LEADS}"b"}`]: '0x60' }, fires: 1 },
    { when: 'nobody says anything', series: { [UP]: '1x60' }, fires: 1 },
    { when: 'one leads', series: { [`${LEADS}"a"}`]: '0x60', [`${LEADS}"b"}`]: '1x60' }, fires: 0 },
  ],
  SidetrackReconcileFailing: [
    { when: 'they go on', series: { 'sidetrack_reconcile_failures_total{kind="Sandbox"}': '0+1x60' }, fires: 1 },
    { when: 'one was', series: { 'sidetrack_reconcile_failures_total{kind="Sandbox"}': '0x50 1x10' }, fires: 0 },
  ],
  SidetrackReconcileBacklog: [
    { when: 'much waits for long', series: { sidetrack_reconcile_queue_depth: '500x60' }, fires: 1 },
    { when: 'a little waits', series: { sidetrack_reconcile_queue_depth: '20x60' }, fires: 0 },
  ],
  SidetrackWebhookUntrusted: [
    { when: 'they fail all the time', series: { sidetrack_webhook_failed_handshakes_total: '0+2x60' }, fires: 1 },
    { when: 'one failed', series: { sidetrack_webhook_failed_handshakes_total: '0x30 1x30' }, fires: 0 },
  ],
  SidetrackWebhookCertificateEnds: [
    { when: 'it has four days', series: { sidetrack_webhook_certificate_end_seconds: '345600x60' }, fires: 1 },
    { when: 'it has ten days', series: { sidetrack_webhook_certificate_end_seconds: '864000x60' }, fires: 0 },
  ],
}

test('every alert has cases, and is about metrics that there are', async (t) => {
  t.strictSame(
    rules.map(({ alert }) => alert),
    Object.keys(CASES),
  )
  const documented = readFileSync(METRICS, 'utf8')
  for (const { expr } of rules) for (const metric of metricsOf(expr)) t.match(documented, `\`${metric}\``)
})

test('the alerts', { skip: noPrometheus() }, async (t) => {
  const folder = t.testdir()
  const file = (name: string, content: object) => {
    writeFileSync(path.join(folder, name), JSON.stringify(content))
    return path.join(folder, name)
  }
  const ruleFile = file('rules.json', spec)
  t.match(await promtool('check', 'rules', ruleFile), { stdout: new RegExp(`SUCCESS: ${rules.length} rules found`) })

  for (const [alert, cases] of Object.entries(CASES)) {
    for (const { when, series, fires } of cases) {
      await t.test(`${alert} ${fires > 0 ? 'fires' : 'does not fire'} when ${when}`, async (t) => {
        const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"})`
        const samples = fires === 0 ? [] : [{ labels: '{}', value: fires }]
        const input = Object.entries(series).map(([name, values]) => ({ series: name, values }))
        const asked = [{ expr, eval_time: '1h', exp_samples: samples }]
        const tests = [{ interval: '1m', input_series: input, promql_expr_test: asked }]
        const name = file('case.json', { rule_files: [ruleFile], evaluation_interval: '1m', tests })
        await t.resolves(promtool('test', 'rules', name))
      })
    }
  }

  await t.test('what an alert says has its figures in it', async (t) => {
    const series = 'sidetrack_bypassing_pods{instance="node1",reason="SidecarDown"}'
    const said = { summary: '2 pods of node1 are not redirected (SidecarDown)' }
    const { annotations } = rules.find(({ alert }) => alert === 'SidetrackPodBypassing') ?? { annotations: {} }
    const expected = {
      exp_labels: { severity: 'warning', instance: 'node1', reason: 'SidecarDown' },
      exp_annotations: { ...annotations, ...said },
    }
    const asked = [{ eval_time: '1h', alertname: 'SidetrackPodBypassing', exp_alerts: [expected] }]
    const tests = [{ interval: '1m', input_series: [{ series, values: '2x60' }], alert_rule_test: asked }]
    const name = file('words.json', { rule_files: [ruleFile], evaluation_interval: '1m', tests })
    await t.resolves(promtool('test', 'rules', name))
  })
})

function promtool(...args: readonly string[]): Promise<object> {
  return promisify(execFile)('promtool', args)
}
