import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { mintIdentity } from '../../controller/certificates/mint.ts'
import { ROTATION_TIMING } from '../../controller/certificates/rotation.ts'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { VERSION } from '../../runtime/version.ts'
import { startApiServer } from '../cluster/api-server.ts'
import type { Kubectl } from '../cluster/kubectl.ts'
import { noApiServer } from '../cluster/requirements.ts'

/** A self-signed certificate of a test's own; the API server parses what stands here. */
const CA_BUNDLE = Buffer.from((await mintIdentity(['x'], ROTATION_TIMING, Date.now())).authority).toString('base64')

const MANIFESTS = join(import.meta.dirname, '../../manifests')

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
}

const READ = 'get list watch'
const WRITE = 'create delete get list patch watch'

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/ */
interface RulesReview extends KubernetesObject {
  readonly spec: { readonly namespace: string }
  readonly status?: {
    readonly resourceRules: readonly {
      readonly apiGroups: readonly string[]
      readonly resources: readonly string[]
      readonly resourceNames?: readonly string[]
      readonly verbs: readonly string[]
    }[]
  }
}
const RULES_REVIEWS: Resource<RulesReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
}

type Verbs = Readonly<Record<string, string>>

const SYSTEM = 'sidetrack-system'
/** All that each program may do, in every namespace and in its own: verbs by resource, with `/NAME` where only one is meant. */
const RIGHTS: Readonly<Record<string, { readonly anywhere: Verbs; readonly atHome: Verbs }>> = {
  'sidetrack-agent': {
    anywhere: {
      pods: READ,
      'endpointslices.discovery.k8s.io': READ,
      'routingtables.sidetrack.dev': READ,
      'routes.sidetrack.dev': READ,
      'nodereports.sidetrack.dev': 'create get',
      'nodereports/status.sidetrack.dev': 'patch update',
    },
    atHome: {},
  },
  'sidetrack-controller': {
    anywhere: {
      namespaces: READ,
      nodes: READ,
      pods: READ,
      'pods/log': 'get',
      persistentvolumeclaims: 'get',
      services: WRITE,
      'endpointslices.discovery.k8s.io': READ,
      'deployments.apps': WRITE,
      'statefulsets.apps': WRITE,
      'rollouts.argoproj.io': WRITE,
      'networkpolicies.networking.k8s.io': WRITE,
      'horizontalpodautoscalers.autoscaling': 'list watch',
      'poddisruptionbudgets.policy': 'list watch',
      'events.events.k8s.io': 'create get list patch',
      'sandboxes.sidetrack.dev': 'delete get list patch watch',
      'sandboxes/finalizers.sidetrack.dev': 'update',
      'sandboxes/status.sidetrack.dev': 'patch',
      'routegroups.sidetrack.dev': READ,
      'routegroups/status.sidetrack.dev': 'patch',
      'routingtables.sidetrack.dev': WRITE,
      'routes.sidetrack.dev': WRITE,
      'routes/status.sidetrack.dev': 'patch',
      'nodereports.sidetrack.dev': 'delete get list watch',
      'mutatingwebhookconfigurations.admissionregistration.k8s.io sidetrack': 'get list patch watch',
    },
    atHome: {
      secrets: 'create',
      'secrets sidetrack-webhook': 'get list update watch',
      'leases.coordination.k8s.io': 'create',
      'leases.coordination.k8s.io sidetrack-controller': 'get update',
    },
  },
}

t.test('the manifests', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const { kubectl } = server
  const text = await kubectl.run(['kustomize', MANIFESTS])
  const objects = parseAllDocuments(text).map((document) => document.toJSON() as Manifest)

  await t.test('run the images of this version, all named in one place', async (t) => {
    const images = text.match(/(?<=(?:image|value): )sidetrack\/\S+/g) ?? []
    t.strictSame(new Set(images), new Set([`sidetrack/agent:${VERSION}`, `sidetrack/sidecar:${VERSION}`]))
  })

  await t.test('every object is marked as part of Sidetrack', async (t) => {
    for (const { kind, metadata } of objects)
      t.match(metadata.labels, { 'app.kubernetes.io/name': 'sidetrack' }, `${kind} ${metadata.name}`)
  })

  const apply = () => kubectl.run(['apply', '-k', MANIFESTS])
  const versions = () => kubectl.run(['get', '-k', MANIFESTS, '-o', 'jsonpath={.items[*].metadata.resourceVersion}'])

  await t.test('are taken by an empty cluster in their order, and change nothing the second time', async (t) => {
    t.equal((await apply()).match(/ created$/gm)?.length, objects.length)
    const before = await versions()
    await apply()
    t.equal(await versions(), before)
  })

  await t.test('leave the authority that the controller wrote where it is', async (t) => {
    const patch = JSON.stringify([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: CA_BUNDLE }])
    await kubectl.run(['patch', 'mutatingwebhookconfiguration', 'sidetrack', '--type=json', `--patch=${patch}`])
    await apply()
    const bundle = ['-o', 'jsonpath={.webhooks[0].clientConfig.caBundle}']
    t.equal(await kubectl.run(['get', 'mutatingwebhookconfiguration', 'sidetrack', ...bundle]), CA_BUNDLE)
  })

  for (const [account, { anywhere, atHome }] of Object.entries(RIGHTS))
    await t.test(`${account} may do what it needs and nothing else, by its own token`, async (t) => {
      const file = join(t.testdir(), 'kubeconfig')
      writeFileSync(file, await server.kubeconfigFor(SYSTEM, account, 600))
      const client = new Client(await kubeconfigCredentials({ file }), 'test')
      t.teardown(() => client.close())
      t.strictSame(await rightsOf(client, 'default'), anywhere)
      t.strictSame(await rightsOf(client, SYSTEM), { ...anywhere, ...atHome })
    })

  await t.test('who edits a namespace makes sandboxes and no routes; who views it sees all of them', async (t) => {
    t.strictSame(await rightsOfRole(kubectl, 'sidetrack-edit'), ['create sandboxes', 'create routegroups'])
    t.strictSame(await rightsOfRole(kubectl, 'sidetrack-view'), [
      'get sandboxes',
      'get routegroups',
      'get routingtables',
      'get routes',
    ])
  })
})

/** Rights of a role that are allowed to a user who has it in the namespace `default`. */
async function rightsOfRole(kubectl: Kubectl, role: string): Promise<readonly string[]> {
  await kubectl.run(['-n', 'default', 'create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}`])
  const allowed: string[] = []
  for (const kind of ['sandboxes', 'routegroups', 'routingtables', 'routes']) {
    for (const verb of ['get', 'create']) {
      const question = ['auth', 'can-i', verb, `${kind}.sidetrack.dev`, '-n', 'default', `--as=${role}`]
      // It ends with 1 for no.
      const answer = await kubectl.run(question).catch(() => 'no')
      if (answer.startsWith('yes')) allowed.push(`${verb} ${kind}`)
    }
  }
  return allowed
}

/** What the API server says that this client may do in a namespace, beside what everybody may ask about themselves. */
async function rightsOf(client: Client, namespace: string): Promise<Verbs> {
  const { status } = await client.create(RULES_REVIEWS, { metadata: {}, spec: { namespace } })
  const rules = status?.resourceRules ?? []
  const verbs = new Map<string, Set<string>>()
  for (const rule of rules.filter(({ resources }) => !resources.some((each) => each.startsWith('selfsubject')))) {
    for (const group of rule.apiGroups) {
      for (const resource of rule.resources) {
        const kind = group === '' ? resource : `${resource}.${group}`
        for (const key of rule.resourceNames?.map((name) => `${kind} ${name}`) ?? [kind])
          verbs.set(key, new Set([...(verbs.get(key) ?? []), ...rule.verbs]))
      }
    }
  }
  return Object.fromEntries([...verbs].map(([key, of]) => [key, [...of].toSorted().join(' ')]))
}
