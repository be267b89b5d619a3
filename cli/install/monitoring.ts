// The component manifests/monitoring: what watches an installation, and what it changes in it. As kustomize adds it, comments included.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Document, isSeq, parse, parseAllDocuments, parseDocument } from 'yaml'

/** The parts of its kustomization.yaml that it uses. */
interface Component {
  readonly resources: readonly string[]
  readonly configMapGenerator: readonly ConfigMapGenerator[]
  readonly patches: readonly {
    readonly target: { readonly kind: string; readonly name: string }
    readonly path: string
  }[]
}

interface ConfigMapGenerator {
  readonly name: string
  readonly namespace: string
  readonly files: readonly string[]
  readonly options: { readonly labels: Readonly<Record<string, string>> }
}

/** The lists of a container that a patch adds to. */
const CONTAINER = ['spec', 'template', 'spec', 'containers', 0]
const LISTS = ['env', 'ports'] as const

/** `installation`, patched, and what comes beside it. `folder` holds the component's kustomization.yaml. */
export function withMonitoring(folder: string, installation: readonly Document[]): readonly Document[] {
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
  const { resources, configMapGenerator, patches }: Component = parse(read('kustomization.yaml'))
  for (const { target, path: file } of patches) {
    const patched = installation.find(
      (each) => each.get('kind') === target.kind && each.getIn(['metadata', 'name']) === target.name,
    )
    if (patched !== undefined) patch(patched, parseDocument(read(file)))
  }
  const configMaps = configMapGenerator.map(({ name, namespace, files, options: { labels } }) => {
    const data = Object.fromEntries(files.map((file) => [file, read(file)]))
    return new Document({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data })
  })
  return [...installation, ...resources.flatMap((name) => [parseAllDocuments(read(name))].flat()), ...configMaps]
}

function patch(document: Document, change: Document): void {
  for (const list of LISTS) {
    const items = change.getIn([...CONTAINER, list])
    if (!isSeq(items)) continue
    if (document.getIn([...CONTAINER, list]) === undefined)
      document.setIn([...CONTAINER, list], document.createNode([]))
    const present = document.getIn([...CONTAINER, list])
    if (isSeq(present)) present.items.unshift(...items.items)
  }
}
