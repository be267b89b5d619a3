// Thousands of sandboxes that are there already: written into etcd as the API server stores them, since making them would take an hour.

import { followCluster } from '../../controller/view/follow.ts'
import { Neighbourhoods } from '../../controller/view/neighbourhoods.ts'
import { View } from '../../controller/view/view.ts'
import type { Client } from '../../kubernetes/client.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { lineLog } from '../../runtime/line-log.ts'
import { sandboxNames, sandboxSpec } from '../controller/shops.ts'
import { born, grow, type Grown } from './grown.ts'

/** Where each kind is in etcd. */
const PLACES: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  Service: 'services/specs',
  Pod: 'pods',
  EndpointSlice: 'endpointslices',
  Route: 'sidetrack.dev/routes',
  Sandbox: 'sidetrack.dev/sandboxes',
}
/** The most that etcd takes in one transaction. */
const OPERATIONS = 128
/** Sandboxes that are thought out before they are written. */
const BATCH = 200

/** The address of a seeded sandbox's pod. */
export function seededAddress(index: number): string {
  return `10.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
}

/** The Services' RoutingTables are there. */
export async function seedSandboxes(client: Client, etcd: string, count: number, signal: AbortSignal): Promise<void> {
  const term = new AbortController()
  const view = new View()
  const log = lineLog('warn', {}, (line) => process.stderr.write(line))
  const ending = AbortSignal.any([signal, term.signal])
  const followed = followCluster(client, view, { namespace: 'sidetrack-system', log }, ending)
  await followed.synced
  const around = new Neighbourhoods(view)
  // With the defaults that the API server fills in.
  const form = await client.apply(SANDBOXES, sandboxOf(0), { dryRun: true })
  try {
    for (let from = 0; from < count; from += BATCH) {
      signal.throwIfAborted()
      const grown: Grown[] = []
      for (let index = from; index < Math.min(from + BATCH, count); index++) {
        const { metadata, spec } = sandboxOf(index)
        const forks = spec.forks.map((fork) => Object.assign({}, form.spec.forks[0], fork))
        const sandbox: Sandbox = { ...form, metadata: { ...metadata, ...born() }, spec: { ...form.spec, forks } }
        grown.push(grow(sandbox, seededAddress(index), view, around))
      }
      const revision = await put(
        etcd,
        grown.flatMap(({ parts }) => parts),
      )
      await put(
        etcd,
        grown.map(({ whole }) => whole({ routes: revision, tables: revision })),
      )
    }
  } finally {
    term.abort()
    await followed.done
  }
}

function sandboxOf(index: number) {
  const { namespace, name } = sandboxNames(index)
  return { metadata: { namespace, name }, spec: sandboxSpec(index) }
}

/** Answers the revision of the last one. */
async function put(etcd: string, objects: readonly KubernetesObject[]): Promise<string> {
  let revision = '0'
  for (let at = 0; at < objects.length; at += OPERATIONS) {
    const success = objects.slice(at, at + OPERATIONS).map((object) => {
      const place = PLACES[object.kind]
      if (place === undefined) throw new Error(`nothing is known of ${object.kind} in etcd`)
      const { namespace = '', name } = object.metadata
      const key = base64(`/registry/${place}/${namespace}/${name}`)
      return { requestPut: { key, value: base64(JSON.stringify(object)) } }
    })
    const response = await fetch(`${etcd}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) })
    if (!response.ok) throw new Error(`etcd: ${response.status} ${await response.text()}`)
    const { header }: { readonly header: { readonly revision: string } } = JSON.parse(await response.text())
    ;({ revision } = header)
  }
  return revision
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
