// The demo shop in a namespace, its forks, and the tables and routes that lead to them: all by kubectl.

import { join } from 'node:path'
import type { Route } from '../../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../../kubernetes/resources/routing-table.ts'
import { isForeign } from '../../../kubernetes/route-owner.ts'
import type { Kubectl } from '../../cluster/kubectl.ts'
import { type Api, eventually } from './api.ts'
import { INJECTED, workload } from './objects.ts'
import type { Stage } from './stage.ts'

const MANIFESTS = join(import.meta.dirname, '../../../examples/shop/kubernetes')
const PATIENCE = '--timeout=120s'
const RESOURCE = { apiVersion: 'sidetrack.dev/v1alpha1' }
const RESOURCES = `/apis/${RESOURCE.apiVersion}`

interface Kinds {
  readonly routes: Route
  readonly routingtables: RoutingTable
}

interface Reports {
  readonly items: readonly { readonly status?: { readonly routes: string; readonly tables: string } }[]
}

export class Shop {
  readonly namespace: string
  readonly #kubectl: Kubectl
  readonly #api: Api
  readonly #here: string
  #marks = 0

  constructor({ kubectl, api }: Stage, namespace: string) {
    this.#kubectl = kubectl
    this.#api = api
    this.namespace = namespace
    this.#here = `--namespace=${namespace}`
  }

  /** Resolves when all of it is available. */
  static async open(stage: Stage, namespace: string): Promise<Shop> {
    const { kubectl } = stage
    const here = `--namespace=${namespace}`
    await kubectl.run(['apply', here, '-k', MANIFESTS])
    await kubectl.run(['wait', here, '--for=condition=Available', 'deployments', '--all', PATIENCE])
    return new Shop(stage, namespace)
  }

  /** A changed copy of one service, in no Service. Answers where its pod listens. */
  async fork(service: string, key: string): Promise<string> {
    const app = `${service}--${key}`
    const pods = {
      app,
      args: [`${service}.mjs`],
      env: { VARIANT: key },
      ready: '/healthz',
      annotations: INJECTED,
    }
    await this.#kubectl.apply(workload('Deployment', this.namespace, pods))
    await this.#kubectl.run(['rollout', 'status', this.#here, `deployment/${app}`, PATIENCE])
    const [address] = await this.addresses(app)
    return address ?? ''
  }

  /** Where the running pods of an app listen. */
  async addresses(app: string): Promise<readonly string[]> {
    const selector = ['pods', this.#here, `--selector=app=${app}`, '--field-selector=status.phase=Running']
    const { items } = await this.#kubectl.get<{ items: readonly { status: { podIP: string } }[] }>(selector)
    return items.map(({ status }) => `${status.podIP}:8080`)
  }

  /** Intercepts the calls to these Services. */
  async intercept(...services: readonly string[]): Promise<void> {
    for (const name of services) {
      const { spec } = await this.#kubectl.get<{
        spec: { clusterIPs: readonly string[]; ports: readonly { port: number; name?: string }[] }
      }>(['service', name, this.#here])
      const headless = spec.clusterIPs[0] === 'None'
      await this.#kubectl.apply({
        ...RESOURCE,
        kind: 'RoutingTable',
        metadata: { name, namespace: this.namespace },
        spec: {
          service: name,
          clusterIPs: headless ? [] : spec.clusterIPs,
          ...(headless ? { headless } : {}),
          ports: spec.ports.map(({ port, name: portName }) => ({
            port,
            name: portName,
            protocol: portName === 'http' ? 'http' : 'unknown',
          })),
        },
      })
    }
  }

  async route(table: string, key: string, ...addresses: readonly string[]): Promise<void> {
    await this.#kubectl.apply({
      ...RESOURCE,
      kind: 'Route',
      metadata: { name: `${table}--${key}`, namespace: this.namespace },
      spec: { table, key, addresses },
    })
  }

  async remove(kind: 'route' | 'routingtable', ...names: readonly string[]): Promise<void> {
    await this.#kubectl.run(['delete', kind, this.#here, ...names])
  }

  /** Resolves when every node has reported that all tables and routes written so far, and removed, are in force. */
  async programmed(): Promise<void> {
    // What was removed left no revision: what is written after it has one.
    const reason = `mark ${++this.#marks}`
    const name = 'mark'
    await this.#kubectl.apply(
      {
        ...RESOURCE,
        kind: 'Route',
        metadata: { name, namespace: this.namespace },
        spec: { table: name, key: name, addresses: [], ready: false, reason },
      },
      {
        ...RESOURCE,
        kind: 'RoutingTable',
        metadata: { name, namespace: this.namespace, annotations: { [name]: reason } },
        spec: { service: name, clusterIPs: ['192.0.2.1'], ports: [{ port: 80, protocol: 'http' }] },
      },
    )
    await eventually(() => this.#judged())
    const [routes, tables] = await Promise.all((['routes', 'routingtables'] as const).map((kind) => this.#latest(kind)))
    await eventually(async () => {
      const { items } = await this.#api.get<Reports>(`${RESOURCES}/nodereports`)
      return items.length > 0 && items.every(({ status }) => has(status?.routes, routes) && has(status?.tables, tables))
    })
  }

  /** The controller has said of every Route here, as it is, whether it is accepted: agents take no other. */
  async #judged(): Promise<boolean> {
    const tables = await this.#list('routingtables')
    const { items } = await this.#list('routes')
    const tableNames = new Set(tables.items.map(({ metadata }) => metadata.name))
    return items.every(({ metadata, spec, status }) => {
      if (!isForeign(metadata) || (spec.addresses ?? []).length === 0) return true
      const verdict = status?.conditions?.find(({ type }) => type === 'Accepted')
      const isOld = verdict?.reason === 'NoTable' && tableNames.has(spec.table)
      return verdict?.observedGeneration === metadata.generation && !isOld
    })
  }

  async #latest(kind: keyof Kinds): Promise<bigint> {
    const { items } = await this.#list(kind)
    const versions = items.map(({ metadata }) => BigInt(metadata.resourceVersion ?? 0))
    return versions.reduce((a, b) => (a > b ? a : b), 0n)
  }

  #list<K extends keyof Kinds>(kind: K): Promise<{ readonly items: readonly Kinds[K][] }> {
    return this.#api.get(`${RESOURCES}/namespaces/${this.namespace}/${kind}`)
  }
}

function has(reported: string | undefined, wanted: bigint | undefined): boolean {
  return BigInt(reported ?? 0) >= (wanted ?? 0n)
}
