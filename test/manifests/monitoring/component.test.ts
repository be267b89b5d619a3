// manifests/monitoring is a component beside the installation: what comes out of both together.

import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { manifestDocuments, objectOf } from '../../../cli/install/manifest-set.ts'
import { Kubectl } from '../../cluster/kubectl.ts'
import { buildPrograms } from '../../cluster/programs.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { dashboardQueries } from './dashboard.ts'

const MANIFESTS = path.join(import.meta.dirname, '../../../manifests')

interface Container {
  readonly name: string
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe: { readonly httpGet: { readonly port: number | string } }
}

interface Manifest {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly podMetricsEndpoints?: readonly { readonly port: string }[]
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: { readonly containers: readonly Container[] }
    }
  }
}

t.test('monitoring comes with the installation as a component', { skip: noApiServer() }, async (t) => {
  t.setTimeout(20 * 60_000) // a cold build of kubectl included
  const { folder: programs } = await buildPrograms()
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sidetrack-monitoring-')))
  t.teardown(() => rm(folder, { recursive: true }))
  const installation = path.relative(folder, MANIFESTS)
  const kustomization = { resources: [installation], components: [path.join(installation, 'monitoring')] }
  await writeFile(path.join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
  const kubectl = new Kubectl(path.join(programs, 'kubectl'), '/dev/null')
  const text = await kubectl.run(['kustomize', folder])
  const objects = parseAllDocuments(text).map((each) => each.toJS() as Manifest)
  const find = (kind: string, name: string) =>
    objects.find(
      (each) => each.kind === kind && each.metadata.name === name && each.metadata.namespace === 'sidetrack-system',
    )

  for (const [kind, name] of [
    ['DaemonSet', 'sidetrack-agent'],
    ['Deployment', 'sidetrack-controller'],
  ] as const) {
    await t.test(`the PodMonitor selects the pods of ${name} and a port that they have`, async (t) => {
      const monitor = find('PodMonitor', name)
      const template = find(kind, name)?.spec?.template
      t.match(template?.metadata.labels, monitor?.spec?.selector?.matchLabels ?? t.fail('no PodMonitor'))
      const [container] = template?.spec.containers ?? []
      const [endpoint] = monitor?.spec?.podMetricsEndpoints ?? []
      const port = container?.ports?.find((each) => each.name === endpoint?.port)?.containerPort
      const admin = container?.env?.filter((each) => each.name === 'SIDETRACK_ADMIN')
      t.match(admin, [{ value: new RegExp(`^(\\*|0\\.0\\.0\\.0):${port}$`) }], 'it serves there for others than itself')
      t.ok([port, 'admin'].includes(container?.livenessProbe.httpGet.port), 'the kubelet still finds it')
    })
  }

  await t.test('`sidetrack install` with monitoring makes the same', async (t) => {
    const installed = manifestDocuments(MANIFESTS, { monitoring: true }).map(objectOf)
    t.strictSame(new Map(installed.map(named)), new Map(objects.map(named)))
  })

  await t.test('the dashboard is whole, where the sidecar of Grafana looks for it', async (t) => {
    const map = find('ConfigMap', 'sidetrack-dashboard')
    t.match(map?.metadata.labels, { grafana_dashboard: '1' })
    const dashboard: { panels: object[] } = JSON.parse(map?.data?.['dashboard.json'] ?? '{}')
    t.ok(dashboard.panels.length > dashboardQueries('1m').length / 2)
  })
})

function named<T extends Pick<Manifest, 'kind' | 'metadata'>>(object: T): readonly [string, T] {
  return [`${object.kind} ${object.metadata.name}`, object]
}
