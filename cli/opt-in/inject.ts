// Opts in the workloads of a YAML stream by inserting lines: every other byte of it stays, comments and order included.

import { type Node, type Pair, type YAMLMap, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import { wrong } from '../wrong.ts'
import { type Edit, applyEdits, annotationEdits } from './yaml-edits.ts'

export interface Injected {
  readonly text: string
  /** `Deployment cart`, those that were opted in before included. */
  readonly workloads: readonly string[]
}

/** Where each kind has its pod template; a Pod is its own. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Rollout: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
}

/** Throws ST4001 if it is no YAML, or if a template is only referred to by an alias. */
export function injectInto(text: string, annotations: readonly (readonly [string, string])[]): Injected {
  const edits: Edit[] = []
  const workloads: string[] = []
  for (const document of [parseAllDocuments(text)].flat()) {
    const [fault] = document.errors
    if (fault !== undefined) throw wrong(`this is no YAML: ${fault.message.split('\n')[0] ?? ''}`)
    for (const object of objectsIn(document.contents)) {
      const kind = String(object.get('kind'))
      const place = TEMPLATES[kind]
      if (place === undefined) continue
      const name = `${kind} ${String(object.getIn(['metadata', 'name']))}`
      const template = templateOf(object, place, name)
      if (template === undefined) continue
      workloads.push(name)
      edits.push(...annotationEdits(text, template, annotations, name))
    }
  }
  return { text: applyEdits(text, edits), workloads }
}

/** The objects of a document: itself, or the items of a List. */
function objectsIn(node: unknown): readonly YAMLMap[] {
  if (!isMap(node)) return []
  const items = String(node.get('kind')).endsWith('List') ? node.get('items', true) : undefined
  return isSeq(items) ? items.items.flatMap((item) => objectsIn(item)) : [node]
}

export interface Template {
  readonly map: YAMLMap
  /** `template: …`; undefined for a Pod. */
  readonly pair: Pair | undefined
}

function templateOf(object: YAMLMap, place: readonly string[], name: string): Template | undefined {
  let map = object
  let pair: Pair | undefined
  for (const key of place) {
    pair = map.items.find((each) => isScalar(each.key) && each.key.value === key)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a parsed document holds nodes only
    const value = pair?.value as Node | null | undefined
    if (isAlias(value)) throw wrong(`${name}: ${key} is an alias; opt it in where it is written`)
    if (!isMap(value)) return undefined
    map = value
  }
  return { map, pair }
}
