// A ledger in a pod of its own, as a test uses it: what it is to send, what came of it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Api, eventually } from '../stage/api.ts'
import type { Scope } from '../stage/scope.ts'
import type { Stage } from '../stage/stage.ts'
import { INJECTED, template } from '../stage/objects.ts'
import { type Errand, judge, type Outcome } from './judge.ts'
import type { Plan } from './program.ts'
import type { Entry, Summary, Tally } from './summary.ts'

const FILES = ['program.ts', 'judge.ts', 'summary.ts']
const PORT = 9100
const START_SECONDS = 90

export interface LedgerOptions {
  readonly namespace: string
  readonly name: string
  readonly node?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** With the number of all that it has entered. */
export type Page = Summary & { readonly entries: number }

export class Ledger {
  readonly name: string
  readonly #api: Api
  readonly #path: string

  constructor(api: Api, { namespace, name }: LedgerOptions) {
    this.name = name
    this.#api = api
    this.#path = `/api/v1/namespaces/${namespace}/pods/${name}:${PORT}/proxy`
  }

  /** One with a sidecar on each node: `ledger-0` and `ledger-1`. */
  static onEachNode(t: Scope, stage: Stage, namespace: string): Promise<readonly Ledger[]> {
    return Promise.all(
      stage.nodes.map((node, index) =>
        Ledger.start(t, stage, { namespace, name: `ledger-${index}`, node, annotations: INJECTED }),
      ),
    )
  }

  /** Resolves when it is ready to be told what to send. It ends with the scope. */
  static async start(t: Scope, { kubectl, api }: Stage, options: LedgerOptions): Promise<Ledger> {
    const { namespace, name } = options
    await kubectl.apply(await program(namespace), pod(options))
    t.teardown(() =>
      // A test may have ended it itself, and started another one of the name.
      kubectl.run([
        'delete',
        'pod',
        name,
        `--namespace=${namespace}`,
        '--ignore-not-found',
        '--wait=false',
        '--grace-period=1',
      ]),
    )
    await kubectl.run([
      'wait',
      `--namespace=${namespace}`,
      '--for=condition=Ready',
      `pod/${name}`,
      `--timeout=${START_SECONDS}s`,
    ])
    return new Ledger(api, options)
  }

  /** From now on. A request that is under way may end as it had to before, or as it has to now. */
  async plan(plan: Plan): Promise<void> {
    await this.#put('plan', plan)
  }

  /** Sends on new connections from now on. */
  async renew(): Promise<void> {
    await this.#put('renew', {})
  }

  /** Whether a request on a connection of its own goes where it has to. It stands in no book. */
  async tries(one: Errand): Promise<boolean> {
    return judge([one], await this.#put('try', one)).is === 'right'
  }

  /** Whether anybody answers it. */
  async reaches(one: Errand): Promise<boolean> {
    const outcome: Outcome = await this.#put('try', one)
    return !('fault' in outcome)
  }

  async #put<T>(what: string, body: object): Promise<T> {
    return this.#api.put(`${this.#path}/${what}`, body)
  }

  /** About the entries from number `from` on. */
  async page(from = 0): Promise<Page> {
    return this.#api.get(`${this.#path}/summary?from=${from}`)
  }

  /** All that were lost or misrouted, from number `from` on. */
  async wrong(from = 0): Promise<readonly Entry[]> {
    return this.#api.get(`${this.#path}/entries?from=${from}`)
  }

  /** When it has entered `count` more. */
  async more(count: number, limit?: number): Promise<Page> {
    const { entries } = await this.page()
    await eventually(async () => (await this.page()).entries >= entries + count, limit)
    return this.page(entries)
  }

  /** Sends nothing any more; resolves with the whole book when the last request has ended. */
  async close(): Promise<Page> {
    await this.plan({ rate: 0, errands: [] })
    await eventually(async () => (await this.page()).pending === 0)
    return this.page()
  }
}

/** Nothing was lost, nothing misrouted. */
export function assertClean(t: Test, page: Page): void {
  t.same({ lost: page.lost, misrouted: page.misrouted }, { lost: {}, misrouted: {} }, describe(page))
}

/** Some lines for a person: what was sent, and every loss by its kind. */
export function describe({ right, lost, misrouted, connections, milliseconds }: Summary): string {
  const counts = Object.entries(right).map(([name, count]) => `${name} ${count}`)
  const { p50, p99, max } = milliseconds
  const wrong = [...tell('lost', lost), ...tell('misrouted', misrouted)]
  return [
    `right: ${counts.join(', ') || 'none'}; p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; connections ${JSON.stringify(connections)}`,
    ...(wrong.length === 0 ? ['lost: 0, misrouted: 0'] : wrong),
  ].join('\n')
}

function tell(what: string, tallies: Readonly<Record<string, Tally>>): readonly string[] {
  return Object.entries(tallies).map(
    ([kind, { count, first, last }]) => `${what} ${count}: ${kind}, within ${last - first} ms`,
  )
}

/** An errand to a service of the shop, in the same namespace. */
export function errand(service: string, key: string | undefined, expect: Errand['expect'], share = 1): Errand {
  const path =
    { storefront: '/', cart: '/cart', pricing: '/prices?sku=tea', catalog: '/products?sku=tea' }[service] ?? '/'
  const name = `${service} ${key ?? 'unkeyed'}`
  return { name, service, url: `http://${service}${path}`, share, expect, ...(key === undefined ? {} : { key }) }
}

async function program(namespace: string): Promise<object> {
  const sources = await Promise.all(
    FILES.map(async (file) => [file, await readFile(join(import.meta.dirname, file), 'utf8')] as const),
  )
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name: 'ledger' },
    data: Object.fromEntries(sources),
  }
}

function pod({ namespace, name, node, annotations = {} }: LedgerOptions): object {
  const { metadata, spec } = template({
    app: 'ledger',
    args: ['/ledger/program.ts'],
    annotations,
    ...(node === undefined ? {} : { node }),
  })
  const [container] = spec.containers
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, namespace, name },
    spec: {
      ...spec,
      containers: [
        {
          ...container,
          readinessProbe: {
            httpGet: { path: '/summary?from=Infinity', port: PORT },
            periodSeconds: 1,
            timeoutSeconds: 5,
          },
          volumeMounts: [{ name: 'program', mountPath: '/ledger' }],
        },
      ],
      volumes: [{ name: 'program', configMap: { name: 'ledger' } }],
    },
  }
}
