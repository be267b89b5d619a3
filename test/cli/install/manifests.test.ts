import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { manifestDocuments, manifestText, objectOf } from '../../../cli/install/manifest-set.ts'
import { type Values, valuesFrom } from '../../../cli/install/values.ts'
import type { DaemonSet } from '../../../kubernetes/resources/daemon-set.ts'
import type { Deployment } from '../../../kubernetes/resources/builtin.ts'

const FOLDER = path.join(import.meta.dirname, '../../../manifests')

/** Images and settings of both programs. */
function programs(values: Values) {
  const objects = manifestDocuments(FOLDER, values).map(objectOf)
  const of = (kind: string) => {
    const { spec } = objects.find((each) => each.kind === kind) as Deployment & DaemonSet
    const [container] = spec?.template.spec?.containers ?? []
    const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]))
    return { image: container?.image, env, replicas: spec?.replicas }
  }
  return { controller: of('Deployment'), agent: of('DaemonSet') }
}

t.test('images come from Docker Hub in the version of the manifests', async (t) => {
  const { controller, agent } = programs({})
  t.match(agent, { image: /^sidetrack\/agent:\d+\.\d+\.\d+$/ })
  t.equal(controller.image, agent.image)
  t.match(controller.env, { SIDETRACK_SIDECAR_IMAGE: /^sidetrack\/sidecar:\d+\.\d+\.\d+$/ })
})

t.test('registry and tag name all images', async (t) => {
  const { controller, agent } = programs({ registry: 'registry.example:5000/mirror/', tag: '9' })
  t.equal(agent.image, 'registry.example:5000/mirror/sidetrack/agent:9')
  t.equal(controller.image, agent.image)
  t.match(controller.env, { SIDETRACK_SIDECAR_IMAGE: 'registry.example:5000/mirror/sidetrack/sidecar:9' })
})

t.test('images can be named one by one', async (t) => {
  const { controller, agent } = programs({ tag: '9', images: { sidecar: 'own/sidecar@sha256:1' } })
  t.equal(agent.image, 'sidetrack/agent:9')
  t.match(controller.env, { SIDETRACK_SIDECAR_IMAGE: 'own/sidecar@sha256:1' })
})

t.test('settings are added or take the place of what is there', async (t) => {
  const { controller, agent } = programs({
    controller: { replicas: 3, settings: { SIDETRACK_ADMIN: '*:1', SIDETRACK_LOG_LEVEL: 'debug' } },
    agent: { settings: { SIDETRACK_LOG_LEVEL: 'warn' } },
  })
  t.equal(controller.replicas, 3)
  t.match(controller.env, { SIDETRACK_ADMIN: '*:1', SIDETRACK_LOG_LEVEL: 'debug' })
  t.match(agent.env, { SIDETRACK_LOG_LEVEL: 'warn' })
  t.notOk('SIDETRACK_ADMIN' in agent.env)
})

t.test('resources are changed one by one', async (t) => {
  const [before, after] = [{}, { agent: { resources: { limits: { memory: '1Gi', cpu: 2 } } } }].map(
    (values: Values) => {
      const objects = manifestDocuments(FOLDER, values).map(objectOf)
      const agent = objects.find((each): each is DaemonSet => each.kind === 'DaemonSet')
      return agent?.spec?.template.spec?.containers[0]?.resources
    },
  )
  t.strictSame(after, { ...before, limits: { ...before?.limits, memory: '1Gi', cpu: 2 } })
  t.not(before?.requests?.['cpu'], undefined)
})

t.test("the chart's own values change nothing", async (t) => {
  const text = readFileSync(path.join(FOLDER, 'charts/sidetrack/values.yaml'), 'utf8')
  const values = valuesFrom({}, parse(text))
  t.strictSame(manifestDocuments(FOLDER, values).map(objectOf), manifestDocuments(FOLDER, {}).map(objectOf))
})

t.test('what is printed keeps the comments for whoever reviews it', async (t) => {
  t.match(manifestText(manifestDocuments(FOLDER, {})), '# Never two on a node')
})

t.test('values are of flags and file, flags before file', async (t) => {
  const file = { registry: 'a', tag: '1', agent: { settings: { SIDETRACK_LOG_LEVEL: 'debug' } } }
  t.strictSame(valuesFrom({ tag: '2' }, file), { ...file, tag: '2' })
  t.strictSame(valuesFrom({}, undefined), {})
  t.strictSame(valuesFrom({}, null), {})
})

const WRONG: readonly [file: unknown, says: string][] = [
  [[], 'the file must be a map'],
  ['text', 'the file must be a map'],
  [{ registery: 'a' }, 'registery is not known; there is registry, tag, images, monitoring, controller, agent'],
  [{ tag: 1 }, 'tag must be text without white space'],
  [{ monitoring: 'yes' }, 'monitoring must be true or false'],
  [{ agent: { resources: { limit: {} } } }, 'agent.resources.limit is not known; there is requests, limits'],
  [{ agent: { resources: { limits: { cpu: true } } } }, 'agent.resources.limits.cpu must be text'],
  [{ registry: 'a b' }, 'registry must be text without white space'],
  [{ images: { agents: 'a' } }, 'images.agents is not known; there is agent, sidecar'],
  [{ controller: { replicas: 0 } }, 'controller.replicas must be a whole number above 0'],
  [{ agent: { settings: { LOG: 'x' } } }, 'agent.settings.LOG is no setting'],
  [
    { agent: { settings: { SIDETRACK_X: true } } },
    'agent.settings.SIDETRACK_X must be text: in YAML, put it in quotes',
  ],
]

for (const [file, says] of WRONG) {
  t.test(`values: ${says}`, async (t) => {
    t.throws(() => valuesFrom({}, file), { code: 'ST4001', message: new RegExp(`^${RegExp.escape(says)}`) })
  })
}
