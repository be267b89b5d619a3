// The installation as YAML documents, made from the kustomize base as kustomize makes it, comments included.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Document, isMap, isScalar, isSeq, parse, parseAllDocuments, visit } from 'yaml'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { withMonitoring } from './monitoring.ts'
import type { Resources, Settings, Values } from './values.ts'

/** The parts of kustomization.yaml that it uses. */
interface Kustomization {
  readonly resources: readonly string[]
  readonly labels: readonly { readonly pairs: Readonly<Record<string, string>> }[]
  readonly images: readonly { readonly name: string; readonly newTag: string }[]
}

/** Of a workload. */
export const CONTAINERS = ['spec', 'template', 'spec', 'containers']

/** One document for each object, in the order in which they are applied. `folder` holds kustomization.yaml. */
export function manifestDocuments(folder: string, values: Values): readonly Document[] {
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
  const { resources, labels, images }: Kustomization = parse(read('kustomization.yaml'))
  const documents = resources.flatMap((name) => [parseAllDocuments(read(name))].flat())
  const pairs = labels.flatMap((each) => Object.entries(each.pairs))
  const imageNames = new Map(images.map(({ name, newTag }) => [name, imageName(name, newTag, values)]))
  for (const document of documents) {
    for (const [name, value] of pairs) document.setIn(['metadata', 'labels', name], value)
    nameImages(document, imageNames)
  }
  const all = values.monitoring === true ? withMonitoring(path.join(folder, 'monitoring'), documents) : documents
  for (const document of all) configure(document, values)
  return all
}

export function objectOf(document: Document): KubernetesObject {
  const object: KubernetesObject = document.toJS()
  return object
}

/** All of them as one stream. */
export function manifestText(documents: readonly Document[]): string {
  return (
    documents.map((document) => document.toString({ lineWidth: 0, directives: false }).trimEnd()).join('\n---\n') + '\n'
  )
}

/** `sidetrack/agent` → `registry.example/sidetrack/agent:0.1.0`. */
function imageName(name: string, tag: string, { registry, tag: wanted, images }: Values): string {
  const part = name.endsWith('/agent') ? images?.agent : images?.sidecar
  const prefix = (registry ?? '') === '' ? '' : `${registry?.replace(/\/+$/, '')}/`
  return part || `${prefix}${name}:${wanted || tag}`
}

function nameImages(document: Document, names: ReadonlyMap<string, string>): void {
  visit(document, {
    Pair(_, pair) {
      const key = isScalar(pair.key) ? pair.key.value : undefined
      if ((key !== 'image' && key !== 'value') || !isScalar(pair.value)) return
      const name = names.get(String(pair.value.value))
      if (name !== undefined) pair.value.value = name
    },
  })
}

function configure(document: Document, { controller, agent }: Values): void {
  const kind = document.get('kind')
  if (kind === 'Deployment') {
    if (controller?.replicas !== undefined) document.setIn(['spec', 'replicas'], controller.replicas)
    setResources(document, controller?.resources)
    setSettings(document, controller?.settings)
  }
  if (kind === 'DaemonSet') {
    setResources(document, agent?.resources)
    setSettings(document, agent?.settings)
  }
}

function setResources(document: Document, resources: Resources = {}): void {
  for (const [bound, quantities] of Object.entries(resources)) {
    for (const [name, quantity] of Object.entries(quantities ?? {}))
      document.setIn([...CONTAINERS, 0, 'resources', bound, name], quantity)
  }
}

/** In the environment of the first container; what is there already gets the value. */
export function setSettings(document: Document, settings: Settings = {}): void {
  for (const [name, value] of Object.entries(settings)) {
    const env = document.getIn([...CONTAINERS, 0, 'env'])
    const entry = document.createNode({ name, value })
    if (!isSeq(env)) continue
    const at = env.items.findIndex((item) => isMap(item) && item.get('name') === name)
    if (at === -1) env.items.push(entry)
    else env.items[at] = entry
  }
}
