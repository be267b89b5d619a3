// The CustomResourceDefinitions of manifests/crds/, as they are read from their files.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Resource } from '../../kubernetes/resource.ts'
import type { Condition, KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { Schema } from './resource-form.ts'

const FOLDER = join(import.meta.dirname, '../../manifests/crds')

export interface Definition extends KubernetesObject {
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: { readonly plural: string; readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
  readonly status?: { readonly conditions?: readonly Pick<Condition, 'type' | 'status' | 'message'>[] }
}

export const DEFINITIONS: Resource<Definition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}

export function readDefinitions(): readonly Definition[] {
  const files = globSync(join(FOLDER, '*.yaml')).toSorted()
  return files.map((file): Definition => parse(readFileSync(file, 'utf8')))
}

export function schemaOf(definition: Definition): Schema {
  const [version] = definition.spec.versions
  if (version === undefined) throw new Error(`${definition.metadata.name} has no version`)
  return version.schema.openAPIV3Schema
}
