// The Helm charts bring what the kustomize base brings, object by object, and take the same values as `sidetrack install`.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { manifestDocuments, objectOf } from '../../cli/install/manifest-set.ts'
import type { Values } from '../../cli/install/values.ts'
import { CHARTS, chartFiles } from '../../docs/charts.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { run } from '../cluster/command.ts'
import { Kubectl } from '../cluster/kubectl.ts'
import { buildPrograms } from '../cluster/programs.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { buildHelm, noHelm } from '../cluster/helm.ts'

const MANIFESTS = path.join(CHARTS, '..')
const SYSTEM = 'sidetrack-system'
const CHART = path.join(CHARTS, 'sidetrack')
const DEFINITIONS = path.join(CHARTS, 'sidetrack-crds')
const BY_HAND = [
  'sidetrack/values.yaml',
  'templates/NOTES.txt',
  'templates/_image.tpl',
  'templates/namespace-check.yaml',
]

test('the charts are what is made of the base, and nothing else', async (t) => {
  const made = chartFiles()
  for (const [name, text] of made) t.equal(readFileSync(path.join(CHARTS, name), 'utf8'), text, 'run `npm run docs`')
  const there = readdirSync(CHARTS, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [path.relative(CHARTS, path.join(entry.parentPath, entry.name))] : [],
  )
  const others = there.filter((name) => !made.has(name))
  t.strictSame(
    others.filter((name) => !BY_HAND.some((each) => name.endsWith(each))),
    [],
  )
})

test('helm', { skip: noHelm() || noApiServer() }, async (t) => {
  t.setTimeout(20 * 60_000) // cold builds included
  const [program, { folder }] = [await buildHelm(), await buildPrograms()]
  const home = t.testdir()
  const env = {
    ...process.env,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    KUBECONFIG: '/dev/null',
  }
  const helm = (...args: readonly string[]) => run(program, args, { env })
  const render = (chart: string, ...args: readonly string[]) =>
    helm('template', 'sidetrack', chart, '--namespace', SYSTEM, ...args)
  const base = objects(await new Kubectl(path.join(folder, 'kubectl'), '/dev/null').run(['kustomize', MANIFESTS]))
  const definitions = [...base.keys()].filter((name) => /^(Namespace|CustomResourceDefinition) /.test(name))

  await t.test('both charts together bring what the base brings', async (t) => {
    const first = objects(await helm('template', 'crds', DEFINITIONS, '--namespace', 'default'))
    t.strictSame([...first.keys()], definitions)
    t.strictSame(new Map([...first, ...objects(await render(CHART))].toSorted(byName)), base)
  })

  await t.test('in its own namespace, the chart of the definitions leaves that one to Helm', async (t) => {
    const first = objects(await render(DEFINITIONS))
    t.strictSame([...first.keys(), `Namespace ${SYSTEM}`].toSorted(), definitions)
  })

  const values: Values = {
    registry: 'registry.example:5000/mirror/',
    tag: '9',
    images: { sidecar: 'own/sidecar@sha256:1' },
    monitoring: true,
    controller: {
      replicas: 3,
      resources: { limits: { memory: '1Gi' } },
      settings: { SIDETRACK_SIDECAR_UID: '2000', SIDETRACK_ADMIN: '*:1' },
    },
    agent: { resources: { requests: { cpu: '1' } }, settings: { SIDETRACK_LOG_LEVEL: 'debug' } },
  }
  for (const [what, given] of Object.entries<Values>({
    'no values': {},
    'monitoring alone': { monitoring: true },
    'all values': values,
  })) {
    await t.test(`with ${what}, chart and \`sidetrack install\` make the same`, async (t) => {
      const file = path.join(t.testdir(), 'values.json')
      writeFileSync(file, JSON.stringify(given))
      const expected = new Map(manifestDocuments(MANIFESTS, given).map(objectOf).map(named))
      for (const name of definitions) expected.delete(name)
      const rendered = objects(await render(CHART, '--values', file))
      t.strictSame(sorted(rendered), sorted(expected))
    })
  }

  const refused: readonly (readonly [what: string, arguments: readonly string[], says: RegExp])[] = [
    ['a value that there is not', ['--set', 'registery=a'], /registery/],
    ['a setting that there cannot be', ['--set', 'agent.settings.LOG=x'], /LOG/],
    ['a count that is none', ['--set', 'controller.replicas=0'], /replicas/],
    ['another namespace', ['--namespace', 'elsewhere'], /add --namespace sidetrack-system/],
  ]
  for (const [what, args, says] of refused) {
    await t.test(`${what} is refused`, async (t) => {
      await t.rejects(render(CHART, ...args), says)
    })
  }

  await t.test('helm lint has nothing against them', async (t) => {
    const said = await helm('lint', CHART, DEFINITIONS, '--namespace', SYSTEM, '--strict')
    t.match(said, /2 chart\(s\) linted, 0 chart\(s\) failed/)
    t.notMatch(said, /\[(WARNING|ERROR)\]/)
  })
})

function objects(stream: string): ReadonlyMap<string, KubernetesObject> {
  const documents = [parseAllDocuments(stream)].flat().map((document) => document.toJS() as KubernetesObject | null)
  return new Map(documents.flatMap((object) => (object === null ? [] : [named(object)])).toSorted(byName))
}

function named(object: KubernetesObject): readonly [string, KubernetesObject] {
  return [`${object.kind} ${object.metadata.name}`, object]
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** The order of variables does not matter. */
function sorted(map: ReadonlyMap<string, KubernetesObject>): unknown {
  return JSON.parse(
    JSON.stringify([...map].toSorted(byName), (name, value: unknown) =>
      name === 'env' && Array.isArray(value) ? value.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : value,
    ),
  )
}
