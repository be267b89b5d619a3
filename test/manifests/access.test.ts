import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { mintIdentity } from '../../controller/certificates/mint.ts'
import { ROTATION_TIMING } from '../../controller/certificates/rotation.ts'
import { VERSION } from '../../runtime/version.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'

/** A self-signed certificate of a test's own; the API server parses what stands here. */
const CA_BUNDLE = Buffer.from((await mintIdentity(['x'], ROTATION_TIMING, Date.now())).authority).toString('base64')

const MANIFESTS = join(import.meta.dirname, '../../manifests')

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
}

/** `yes` and `no`: verb, resource, and `-n NAMESPACE` or a name where they matter. */
const RIGHTS: Readonly<Record<string, { readonly yes: readonly string[]; readonly no: readonly string[] }>> = {
  'sidetrack-agent': {
    yes: [
      'list pods',
      'watch pods',
      'list endpointslices.discovery.k8s.io',
      'watch endpointslices.discovery.k8s.io',
      'list routingtables.sidetrack.dev',
      'watch routingtables.sidetrack.dev',
      'list routes.sidetrack.dev',
      'watch routes.sidetrack.dev',
      'create nodereports.sidetrack.dev',
      'get nodereports.sidetrack.dev/node1',
      'patch nodereports.sidetrack.dev/node1 --subresource=status',
    ],
    no: [
      'create pods -n default',
      'delete pods -n default',
      'patch pods -n default',
      'create pods -n default --subresource=exec',
      'get secrets -n default',
      'get secrets -n sidetrack-system',
      'get configmaps -n default',
      'list nodes',
      'list services',
      'list sandboxes.sidetrack.dev',
      'create routes.sidetrack.dev -n default',
      'patch routes.sidetrack.dev -n default --subresource=status',
      'patch routingtables.sidetrack.dev -n default',
      'delete nodereports.sidetrack.dev/node1',
      'patch mutatingwebhookconfigurations.admissionregistration.k8s.io/sidetrack',
      'create serviceaccounts -n sidetrack-system --subresource=token',
    ],
  },
  'sidetrack-controller': {
    yes: [
      ...['namespaces', 'nodes', 'pods', 'services', 'endpointslices.discovery.k8s.io', 'replicasets.apps'].flatMap(
        (resource) => [`list ${resource}`, `watch ${resource}`],
      ),
      ...['deployments.apps', 'statefulsets.apps', 'services', 'networkpolicies.networking.k8s.io'].flatMap(
        (resource) =>
          ['get', 'list', 'watch', 'create', 'patch', 'delete'].map((verb) => `${verb} ${resource} -n default`),
      ),
      ...['routes.sidetrack.dev', 'routingtables.sidetrack.dev'].flatMap((resource) =>
        ['get', 'list', 'watch', 'create', 'patch', 'delete'].map((verb) => `${verb} ${resource} -n default`),
      ),
      'list sandboxes.sidetrack.dev',
      'patch sandboxes.sidetrack.dev -n default --subresource=status',
      'update sandboxes.sidetrack.dev -n default --subresource=finalizers',
      'patch routes.sidetrack.dev -n default --subresource=status',
      'list nodereports.sidetrack.dev',
      'create events.events.k8s.io -n default',
      'get events.events.k8s.io -n default',
      'list events.events.k8s.io -n default',
      'patch events.events.k8s.io -n default',
      'get pods -n default --subresource=log',
      'get persistentvolumeclaims -n default',
      ...['horizontalpodautoscalers.autoscaling', 'poddisruptionbudgets.policy'].flatMap((resource) => [
        `list ${resource}`,
        `watch ${resource}`,
      ]),
      'patch mutatingwebhookconfigurations.admissionregistration.k8s.io/sidetrack',
      'get secrets/sidetrack-webhook -n sidetrack-system',
      'watch secrets/sidetrack-webhook -n sidetrack-system',
      'update secrets/sidetrack-webhook -n sidetrack-system',
      'create secrets -n sidetrack-system',
      'get leases.coordination.k8s.io/sidetrack-controller -n sidetrack-system',
      'update leases.coordination.k8s.io/sidetrack-controller -n sidetrack-system',
      'create leases.coordination.k8s.io -n sidetrack-system',
    ],
    no: [
      'get secrets -n default',
      'list secrets -n sidetrack-system',
      'get secrets/another -n sidetrack-system',
      'delete secrets/sidetrack-webhook -n sidetrack-system',
      'create secrets -n default',
      'create pods -n default',
      'delete pods -n default',
      'create pods -n default --subresource=exec',
      'create daemonsets.apps -n default',
      'patch persistentvolumeclaims -n default',
      'list persistentvolumeclaims -n default',
      'create sandboxes.sidetrack.dev -n default',
      'create nodereports.sidetrack.dev',
      'patch nodereports.sidetrack.dev --subresource=status',
      'patch namespaces/default',
      'patch nodes/node1',
      'create mutatingwebhookconfigurations.admissionregistration.k8s.io',
      'delete mutatingwebhookconfigurations.admissionregistration.k8s.io/sidetrack',
      'patch mutatingwebhookconfigurations.admissionregistration.k8s.io/another',
      'create clusterrolebindings.rbac.authorization.k8s.io',
      'bind clusterroles.rbac.authorization.k8s.io',
      'create rolebindings.rbac.authorization.k8s.io -n default',
      'impersonate serviceaccounts -n default',
      'create serviceaccounts -n default --subresource=token',
      'update leases.coordination.k8s.io/another -n sidetrack-system',
    ],
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

  for (const [account, { yes, no }] of Object.entries(RIGHTS)) {
    for (const [allowed, rights] of [
      [true, yes],
      [false, no],
    ] as const)
      await t.test(`${account} ${allowed ? 'may do what it needs' : 'may do nothing else'}`, async (t) => {
        const reviews = rights.map((right) => JSON.stringify(accessReview(account, right)))
        const answers = await kubectl.run(['create', '-f', '-', '-o', 'json'], reviews.join('\n'))
        // One object after the other, not a list.
        const found = answers.match(/"allowed": (?:true|false)/g) ?? []
        t.equal(found.length, rights.length)
        for (const [index, right] of rights.entries()) t.equal(found[index], `"allowed": ${allowed}`, right)
      })
  }
})

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/ */
function accessReview(account: string, right: string): object {
  const [verb = '', what = '', ...options] = right.split(' ')
  const [, resource = '', group = '', name = ''] = /^([^./]+)(?:\.([^/]+))?(?:\/(.+))?$/.exec(what) ?? []
  const namespace = options[options.indexOf('-n') + 1]
  const subresource = /--subresource=(\S+)/.exec(right)?.[1]
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:sidetrack-system:${account}`,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:sidetrack-system', 'system:authenticated'],
      resourceAttributes: {
        verb,
        group,
        resource,
        ...(name === '' ? {} : { name }),
        ...(options.includes('-n') ? { namespace } : {}),
        ...(subresource === undefined ? {} : { subresource }),
      },
    },
  }
}
