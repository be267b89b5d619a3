// Whether what a patch leaves is a pod template still, as far as everything that reads it relies on; the API server checks the rest.

import type { PodTemplate } from '../../kubernetes/resources/pod-template.ts'
import { isList, isObject } from './json.ts'

export function isPodTemplate(value: unknown): value is PodTemplate {
  if (!isObject(value)) return false
  const { metadata = {}, spec } = value
  if (!isObject(spec) || !isObject(metadata)) return false
  const { containers, initContainers = [], volumes = [] } = spec
  return (
    isContainers(containers) &&
    containers.length > 0 &&
    isContainers(initContainers) &&
    areNamed(volumes) &&
    areTexts(metadata['labels'] ?? {}) &&
    areTexts(metadata['annotations'] ?? {})
  )
}

function isContainers(value: unknown): value is readonly unknown[] {
  return (
    areNamed(value) &&
    value.every((each) => isObject(each) && areNamed(each['env'] ?? []) && listsOf(each).every(isList))
  )
}

function listsOf({ ports = [], args = [], command = [] }: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [ports, args, command]
}

function areNamed(value: unknown): value is readonly unknown[] {
  return isList(value) && value.every((item) => isObject(item) && typeof item['name'] === 'string')
}

function areTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((each) => typeof each === 'string')
}
