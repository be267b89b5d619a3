import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { injectInto } from '../../../cli/opt-in/inject.ts'

const INJECT = [['sidetrack.dev/inject', 'true']] as const
const BOTH = [...INJECT, ['sidetrack.dev/inbound', 'true']] as const

const CASES: readonly [fact: string, before: string, after: string][] = [
  [
    'below annotations that are there, comments and order kept',
    `# the cart
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart} # short
spec:
    template:
        metadata:
            labels:   {app: cart}
            annotations: # ours
                # why
                a: 'b'   # c
        spec:
            containers: [ ]
`,
    `# the cart
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart} # short
spec:
    template:
        metadata:
            labels:   {app: cart}
            annotations: # ours
                sidetrack.dev/inject: "true"
                # why
                a: 'b'   # c
        spec:
            containers: [ ]
`,
  ],
  [
    'where there are no annotations',
    'kind: StatefulSet\nmetadata:\n  name: a\nspec:\n  template:\n    metadata:\n      labels:\n        a: b\n',
    'kind: StatefulSet\nmetadata:\n  name: a\nspec:\n  template:\n    metadata:\n      annotations:\n        sidetrack.dev/inject: "true"\n      labels:\n        a: b\n',
  ],
  [
    'where there is no metadata',
    'kind: DaemonSet\nmetadata:\n  name: a\nspec:\n  template:\n    spec: {}\n',
    'kind: DaemonSet\nmetadata:\n  name: a\nspec:\n  template:\n    metadata:\n      annotations:\n        sidetrack.dev/inject: "true"\n    spec: {}\n',
  ],
  [
    'where annotations are empty',
    'kind: Rollout\nspec:\n  template:\n    metadata:\n      annotations:\n      labels: {}\n',
    'kind: Rollout\nspec:\n  template:\n    metadata:\n      annotations:\n        sidetrack.dev/inject: "true"\n      labels: {}\n',
  ],
  [
    'where annotations are null',
    'kind: Rollout\nspec:\n  template:\n    metadata:\n      annotations: ~\n',
    'kind: Rollout\nspec:\n  template:\n    metadata:\n      annotations: {"sidetrack.dev/inject": "true"}\n',
  ],
  [
    'in braces, as in JSON',
    '{"kind":"Deployment","spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{}}}}',
    '{"kind":"Deployment","spec":{"template":{"metadata":{"annotations": {"sidetrack.dev/inject": "true"}, "labels":{"a":"b"}},"spec":{}}}}',
  ],
  [
    'in braces without metadata',
    'kind: Job\nspec: {template: {}}\n',
    'kind: Job\nspec: {template: {"metadata": {"annotations": {"sidetrack.dev/inject": "true"}}}}\n',
  ],
  [
    'in a CronJob',
    'kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec: {}\n',
    'kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        metadata:\n          annotations:\n            sidetrack.dev/inject: "true"\n        spec: {}\n',
  ],
  [
    'in a Pod',
    'kind: Pod\nmetadata:\n  name: a\n',
    'kind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "true"\n  name: a\n',
  ],
  [
    'in the items of a List, and in no other object',
    'kind: List\nitems:\n- kind: Service\n  metadata: {name: a}\n- kind: Deployment\n  spec:\n    template:\n      metadata:\n        labels: {}\n',
    'kind: List\nitems:\n- kind: Service\n  metadata: {name: a}\n- kind: Deployment\n  spec:\n    template:\n      metadata:\n        annotations:\n          sidetrack.dev/inject: "true"\n        labels: {}\n',
  ],
  [
    'in each document',
    'kind: Pod\nmetadata:\n  name: a\n---\n# none\n---\nkind: Pod\nmetadata:\n  name: b\n',
    'kind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "true"\n  name: a\n---\n# none\n---\nkind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "true"\n  name: b\n',
  ],
  [
    'in place of another value',
    'kind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "false" # no\n  name: a\n',
    'kind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "true" # no\n  name: a\n',
  ],
  [
    'with the line ends of the text',
    'kind: Pod\r\nmetadata:\r\n  name: a\r\n',
    'kind: Pod\r\nmetadata:\r\n  annotations:\r\n    sidetrack.dev/inject: "true"\r\n  name: a\r\n',
  ],
  [
    'nowhere in other kinds',
    'kind: ConfigMap\ndata:\n  a: |\n    kind: Pod\n',
    'kind: ConfigMap\ndata:\n  a: |\n    kind: Pod\n',
  ],
  ['nowhere in nothing', '', ''],
]

for (const [fact, before, after] of CASES) {
  t.test(`the annotation is inserted ${fact}`, async (t) => {
    const { text } = injectInto(before, INJECT)
    t.equal(text, after)
    t.equal(injectInto(text, INJECT).text, text, 'a second time changes nothing')
  })
}

t.test('several annotations are inserted together, or the one that is missing', async (t) => {
  const pod = 'kind: Pod\nmetadata:\n  name: a\n'
  const both =
    'kind: Pod\nmetadata:\n  annotations:\n    sidetrack.dev/inject: "true"\n    sidetrack.dev/inbound: "true"\n  name: a\n'
  t.equal(injectInto(pod, BOTH).text, both)
  t.same(parsed(injectInto(injectInto(pod, INJECT).text, BOTH).text), parsed(both))
})

t.test("Sidetrack's own manifests differ by the inserted lines alone", async (t) => {
  const folder = path.join(import.meta.dirname, '../../../manifests')
  const before = ['agent.yaml', 'controller.yaml', 'webhook.yaml']
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('---\n')
  const { text, workloads } = injectInto(before, INJECT)
  t.same(workloads, ['DaemonSet sidetrack-agent', 'Deployment sidetrack-controller'])
  const lines = text.split('\n')
  t.equal(lines.filter((line) => line.trim() === 'sidetrack.dev/inject: "true"').length, 2)
  t.equal(lines.filter((line) => line.trim() !== 'sidetrack.dev/inject: "true"').join('\n'), before)
})

t.test('what is no YAML, and what is only referred to, is refused in words', async (t) => {
  t.throws(() => injectInto('a: [', INJECT), { code: 'ST4001', message: /^this is no YAML: / })
  const alias = 'kind: Deployment\nmetadata: {name: a}\nx: &t {spec: {}}\nspec:\n  template: *t\n'
  t.throws(() => injectInto(alias, INJECT), { code: 'ST4001', message: /^Deployment a: template is an alias/ })
})

function parsed(text: string): readonly unknown[] {
  return [parseAllDocuments(text)].flat().map((document) => document.toJS() as unknown)
}
