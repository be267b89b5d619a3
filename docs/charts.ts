// The Helm charts, made from the kustomize base: the same objects, with the values of `sidetrack install` in their places.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Document, YAMLSeq, isMap, isSeq, parse, parseAllDocuments } from 'yaml'
import { CONTAINERS, manifestDocuments, manifestText } from '../cli/install/manifest-set.ts'
import { type Shape, VALUES_SHAPE } from '../cli/install/values.ts'
import { VERSION } from '../runtime/version.ts'

const MANIFESTS = path.join(import.meta.dirname, '../manifests')
/** Where the files belong. */
export const CHARTS = path.join(MANIFESTS, 'charts')
const GENERATED = '# Made from manifests/ by `npm run docs`.\n'
/** In the chart of the definitions: what has to be there before the rest, and stays when that goes. */
const FIRST = /^(namespace|crds\/.*)\.yaml$/
const SYSTEM = 'sidetrack-system'

/** Stands in a document for what Helm is to put there. */
const TOKENS = { agent: '__AGENT_IMAGE__', sidecar: '__SIDECAR_IMAGE__', replicas: '__REPLICAS__' }

/** The text of every file that is made, by its path in manifests/charts. */
export function chartFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const [chart, description] of [
    ['sidetrack', 'Test a change inside the environment that you already run'],
    ['sidetrack-crds', 'The definitions of Sidetrack, and its namespace'],
  ] as const)
    files.set(`${chart}/Chart.yaml`, chartText(chart, description))
  files.set('sidetrack/values.schema.json', `${JSON.stringify(valuesSchema(), undefined, 2)}\n`)
  const blocks: string[] = []
  for (const [name, documents] of documentsByFile(blocks)) {
    const text = templateText(documents, blocks)
    if (name === 'namespace.yaml')
      files.set(`sidetrack-crds/templates/${name}`, when(`ne .Release.Namespace "${SYSTEM}"`, text))
    else if (FIRST.test(name)) files.set(`sidetrack-crds/templates/${path.basename(name)}`, GENERATED + text)
    else if (name === 'monitoring') files.set(`sidetrack/templates/${name}.yaml`, when('.Values.monitoring', text))
    else files.set(`sidetrack/templates/${name}`, GENERATED + text)
  }
  return files
}

function chartText(name: string, description: string): string {
  return `${GENERATED}apiVersion: v2
name: ${name}
description: ${description}
type: application
version: ${VERSION}
appVersion: ${VERSION}
kubeVersion: '>=1.33.0-0'
`
}

function when(condition: string, text: string): string {
  return `${GENERATED}{{- if ${condition} }}\n${text}{{- end }}\n`
}

/** By the name of the base's file; what monitoring adds under `monitoring`. */
function documentsByFile(blocks: string[]): ReadonlyMap<string, readonly Document[]> {
  const read = (name: string) => readFileSync(path.join(MANIFESTS, name), 'utf8')
  const { resources }: { readonly resources: readonly string[] } = parse(read('kustomization.yaml'))
  const names = resources.flatMap((name) => [parseAllDocuments(read(name))].flat().map(() => name))
  const images = { agent: TOKENS.agent, sidecar: TOKENS.sidecar }
  const base = manifestDocuments(MANIFESTS, { images })
  const all = manifestDocuments(MANIFESTS, { images, monitoring: true })
  const documents = all.map((document, index) => {
    const plain = base[index]
    return plain === undefined ? document : withPlaces(document, plain, blocks)
  })
  return Map.groupBy(documents, (document) => names[documents.indexOf(document)] ?? 'monitoring')
}

/** `document` with `__BLOCK_n__` in place of the fields that values decide; their text comes into `blocks`. `plain` is it without monitoring. */
function withPlaces(document: Document, plain: Document, blocks: string[]): Document {
  const part = { Deployment: 'controller', DaemonSet: 'agent' }[String(document.get('kind'))]
  if (part === undefined) return document
  if (part === 'controller') document.setIn(['spec', 'replicas'], TOKENS.replicas)
  const container = document.getIn([...CONTAINERS, 0])
  if (!isMap(container)) throw new Error(`the ${part} has no container`)
  for (const pair of container.items) {
    const name = String(pair.key)
    const block = blockOf(part, name, document, plain)
    if (block === undefined) continue
    pair.key = document.createNode(`__BLOCK_${blocks.push(block) - 1}__`)
    pair.value = document.createNode(true)
  }
  return document
}

/** Helm's lines for the field `name` of a container, without their indentation. */
function blockOf(part: string, name: string, document: Document, plain: Document): string | undefined {
  const settings = `.Values.${part}.settings`
  if (name === 'resources') return `resources: {{- toYaml .Values.${part}.resources | nindent INDENT }}`
  const before = namesIn(plain, name)
  const isNew = (item: unknown) => !before.includes(nameOf(item))
  const list = document.getIn([...CONTAINERS, 0, name])
  if (!isSeq(list)) return undefined
  if (name === 'env') {
    const items = list.items.map((item) => {
      const given = `(hasKey ${settings} "${nameOf(item)}")`
      const condition = isNew(item) ? `and .Values.monitoring (not ${given})` : `not ${given}`
      return `  {{- if ${condition} }}\n${itemText(item)}  {{- end }}\n`
    })
    const others = `  {{- range $name, $value := ${settings} }}\n  - name: {{ $name }}\n    value: {{ $value | quote }}\n  {{- end }}`
    return `env:\n${items.join('')}${others}`
  }
  if (!list.items.every(isNew)) return undefined
  return `{{- if .Values.monitoring }}\n${name}:\n${list.items.map(itemText).join('')}{{- end }}`
}

function namesIn(document: Document, name: string): readonly string[] {
  const list = document.getIn([...CONTAINERS, 0, name])
  return isSeq(list) ? list.items.map(nameOf) : []
}

function nameOf(item: unknown): string {
  return isMap(item) ? String(item.get('name')) : ''
}

function itemText(item: unknown): string {
  const list = new YAMLSeq()
  list.items.push(item)
  return new Document(list).toString({ lineWidth: 0 }).replace(/^(?=.)/gm, '  ')
}

function templateText(documents: readonly Document[], blocks: readonly string[]): string {
  return manifestText(documents)
    .replaceAll('{{', '{{ "{{" }}')
    .replaceAll(/^( *)__BLOCK_(\d+)__: true$/gm, (_, indent: string, at: string) =>
      placed(blocks[Number(at)] ?? '', indent),
    )
    .replaceAll(TOKENS.agent, '{{ include "sidetrack.image" (dict "part" "agent" "root" $) }}')
    .replaceAll(TOKENS.sidecar, '{{ include "sidetrack.image" (dict "part" "sidecar" "root" $) }}')
    .replaceAll(TOKENS.replicas, '{{ .Values.controller.replicas }}')
}

function placed(block: string, indent: string): string {
  return block.replace('INDENT', String(indent.length + 2)).replaceAll(/^/gm, indent)
}

/** With `global`, which Helm gives to every chart that is part of another one. */
function valuesSchema(): object {
  const properties = Object.entries(VALUES_SHAPE).map(([name, shape]) => [name, schemaOf(shape)] as const)
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: { ...Object.fromEntries(properties), global: { type: 'object' } },
  }
}

function schemaOf(shape: Shape[string]): object {
  if (shape === 'flag') return { type: 'boolean' }
  if (shape === 'count') return { type: 'integer', minimum: 1 }
  if (shape === 'text') return { type: 'string', pattern: String.raw`^\S*$` }
  if (shape === 'quantities') return { type: 'object', additionalProperties: { type: ['string', 'number'] } }
  if (shape === 'settings')
    return { type: 'object', propertyNames: { pattern: '^SIDETRACK_' }, additionalProperties: { type: 'string' } }
  const properties = Object.fromEntries(Object.entries(shape).map(([name, inner]) => [name, schemaOf(inner)]))
  return { type: 'object', additionalProperties: false, properties }
}

if (import.meta.main) {
  for (const [name, text] of chartFiles()) writeFileSync(path.join(CHARTS, name), text)
}
