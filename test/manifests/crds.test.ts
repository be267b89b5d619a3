import { test, type Test } from 'tap'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { Exchange } from '../../kubernetes/exchange.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { type Resource, queryText, resourcePath } from '../../kubernetes/resource.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { NODE_REPORTS, ROUTES, ROUTE_GROUPS, ROUTING_TABLES, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { until } from '../fixtures/until.ts'
import { DEFINITIONS, readDefinitions, schemaOf } from './definitions.ts'
import { EXAMPLES, type Example } from './examples.ts'
import { REFUSALS, type Refusal, STATUS_REFUSALS } from './refusals.ts'
import { formOf, undescribed } from './resource-form.ts'
import { NODE_REPORT, ROUTE, ROUTE_GROUP, ROUTING_TABLE, SANDBOX } from './resource-forms.ts'

const RESOURCES: Readonly<Record<string, Omit<Resource<KubernetesObject>, 'objects'>>> = {
  Sandbox: SANDBOXES,
  RouteGroup: ROUTE_GROUPS,
  RoutingTable: ROUTING_TABLES,
  Route: ROUTES,
  NodeReport: NODE_REPORTS,
}
const FORMS: Readonly<Record<string, object>> = {
  Sandbox: SANDBOX,
  RouteGroup: ROUTE_GROUP,
  RoutingTable: ROUTING_TABLE,
  Route: ROUTE,
  NodeReport: NODE_REPORT,
}

const definitions = readDefinitions()

test('every resource has one definition, of the same names', async (t) => {
  t.same(definitions.map((each) => each.spec.names.kind).toSorted(), Object.keys(RESOURCES).toSorted())
  for (const { metadata, spec } of definitions) {
    const { plural, kind } = spec.names
    const { group, namespaced, version } = resourceOf(kind)
    t.equal(metadata.name, `${plural}.${group}`)
    t.match(spec, { group, scope: namespaced ? 'Namespaced' : 'Cluster', versions: [{ name: version }] })
    t.equal(plural, resourceOf(kind).plural)
  }
})

for (const definition of definitions) {
  const { kind } = definition.spec.names
  const schema = schemaOf(definition)

  test(`the schema of ${kind} has the fields of its type`, async (t) => {
    const { apiVersion, kind: kindField, metadata, ...own } = schema.properties ?? {}
    t.ok(apiVersion !== undefined && kindField !== undefined && metadata !== undefined)
    t.same(formOf({ ...schema, properties: own }), FORMS[kind])
  })

  test(`kubectl explain has a sentence about every field of ${kind}`, async (t) => {
    t.same(
      undescribed(schema, kind).filter((path) => path !== `${kind}.metadata`),
      [],
    )
  })
}

test('the API server', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const credentials = await kubeconfigCredentials({ file: server.kubectl.kubeconfig })
  const client = new Client(credentials, 'test')
  const exchange = new Exchange(credentials)
  t.teardown(() => {
    client.close()
    exchange.close()
  })

  /** Strict: a field that the schema does not know is an error. */
  const write = (
    method: 'POST' | 'PUT' | 'PATCH',
    example: Example,
    body: object,
    query: object = {},
    subresource?: string,
  ) => {
    const resource = resourceOf(example.kind)
    const { namespace, name } = example.metadata
    const at = method === 'POST' ? { namespace } : { namespace, name }
    const path = resourcePath(resource, at, subresource) + queryText({ fieldValidation: 'Strict', ...query })
    const type = method === 'PATCH' ? 'application/apply-patch+yaml' : undefined
    return exchange.send<Example>({ verb: 'create', resource, at }, { method, path, body, type })
  }

  await t.test('takes the definitions as they are', async (t) => {
    for (const definition of definitions) {
      await client.create(DEFINITIONS, definition)
      await until(async () => {
        const { status } = await client.get(DEFINITIONS, { name: definition.metadata.name })
        return status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true
      })
      const resource = resourceOf(definition.spec.names.kind)
      const served = () =>
        client.list(resource).then(
          () => true,
          () => false,
        )
      await until(served)
    }
    const { items } = await client.list(DEFINITIONS)
    for (const { metadata, status } of items) {
      const states = Object.fromEntries(status?.conditions?.map((each) => [each.type, each.status]) ?? [])
      t.same(states, { NamesAccepted: 'True', Established: 'True' }, metadata.name)
    }
  })

  await t.test('takes what is right', async (t) => {
    for (const [fact, example] of Object.entries(EXAMPLES)) {
      const object = { ...example, status: undefined }
      const dryRun = { dryRun: 'All' }
      await t.resolves(write('POST', example, object, dryRun), fact)
      await t.resolves(write('PATCH', example, object, { ...dryRun, fieldManager: 'test' }), `${fact}, applied`)
    }
  })

  await t.test('gives back everything that was written', async (t) => {
    for (const [fact, example] of Object.entries(EXAMPLES).filter(([name]) => name.endsWith('everything'))) {
      t.match(await write('POST', example, { ...example, status: undefined }), { ...example, status: undefined }, fact)
      if (!('status' in example)) continue
      const path = { fieldManager: 'test', force: true }
      t.match(await write('PATCH', example, example, path, 'status'), example, `${fact}, and its status`)
    }
  })

  await t.test('fills in what is the same for every Sandbox', async (t) => {
    const example = EXAMPLES['a Sandbox with the shortest time to live']
    if (example === undefined) throw new Error('no example')
    const filled = await write('POST', example, { ...example, metadata: { ...example.metadata, name: 'filled' } })
    t.match(filled, { spec: { ttl: { from: 'updated' }, unready: 'fail', forks: [{ replicas: 1 }] } })
  })

  await t.test('names the field of what is wrong', async (t) => {
    for (const refusal of REFUSALS) {
      const query = { dryRun: 'All' }
      await refused(t, refusal, write('POST', refusal.example, refusal.object, query))
    }
  })

  await t.test('names the field of what is wrong in a status', async (t) => {
    for (const refusal of STATUS_REFUSALS) {
      const { example, object } = refusal
      const { metadata } = await client.get(resourceOf(example.kind), example.metadata)
      await refused(t, refusal, write('PUT', example, { ...object, metadata }, { dryRun: 'All' }, 'status'))
    }
  })

  await t.test('leaves the status alone when the object is written', async (t) => {
    const { status } = await client.get(ROUTES, { namespace: 'default', name: 'cart--pr-42' })
    t.match(status, { conditions: [{ type: 'Accepted' }] })
    await client.patch(ROUTES, { namespace: 'default', name: 'cart--pr-42' }, { status: { conditions: [] } })
    t.same((await client.get(ROUTES, { namespace: 'default', name: 'cart--pr-42' })).status, status)
  })

  await t.test('finds Routes by table, key and sandbox', async (t) => {
    const found = await client.list(ROUTES, { fieldSelector: 'spec.table=cart,spec.key=pr-42,spec.sandbox=pr-42' })
    t.same(
      found.items.map((each) => each.metadata.name),
      ['cart--pr-42'],
    )
    t.same((await client.list(ROUTES, { fieldSelector: 'spec.table=cart,spec.key=pr-43' })).items, [])
  })

  await t.test('knows each kind by its short name and category', async (t) => {
    const names = new Map<string, readonly string[]>()
    for (const { name, kind, shortNames, categories } of await discovered(client)) {
      if (name.includes('/')) continue
      names.set(kind, shortNames ?? [])
      t.same(categories, ['sidetrack'], kind)
    }
    t.same(Object.fromEntries(names), {
      Sandbox: ['sbx'],
      RouteGroup: ['rg'],
      RoutingTable: ['rt'],
      Route: ['rte'],
      NodeReport: ['nr'],
    })
  })
})

async function refused(t: Test, { fact, field, says }: Refusal, written: Promise<unknown>): Promise<void> {
  const error: unknown = await written.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof KubernetesError)) return void t.fail(`${fact} was taken`, { error })
  const causes = error.causes.map((cause) => ({ field: cause.field ?? '', message: cause.message ?? '' }))
  // What the object's decoder says comes without causes.
  const said = causes.length === 0 ? [{ field: '', message: error.message }] : causes
  t.ok(
    said.some(
      (cause) =>
        cause.field === field && (says instanceof RegExp ? says.test(cause.message) : cause.message.includes(says)),
    ),
    fact,
    { said, wanted: { field, says } },
  )
}

interface Discovered {
  readonly name: string
  readonly kind: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

async function discovered(client: Client): Promise<readonly Discovered[]> {
  const { group, version } = SANDBOXES
  return (await client.read<{ readonly resources: readonly Discovered[] }>(`/apis/${group}/${version}`)).resources
}

function resourceOf(kind: string): Omit<Resource<KubernetesObject>, 'objects'> {
  const resource = RESOURCES[kind]
  if (resource === undefined) throw new Error(`no resource ${kind}`)
  return resource
}
