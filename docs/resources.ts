// The reference of the resources, from the schemas that the API server has of them.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { markdownTable } from './results/markdown-table.ts'

const FOLDER = path.join(import.meta.dirname, '../manifests/crds')

const GIVEN = 'must be given'

interface Schema {
  readonly description?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
}

interface Definition {
  readonly spec: {
    readonly scope: string
    readonly names: { readonly kind: string; readonly shortNames?: readonly string[] }
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

/** A section for each kind, in the order of their names. */
export function resourceReference(): string {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
  const definitions: readonly Definition[] = files.map((file) => parse(readFileSync(path.join(FOLDER, file), 'utf8')))
  return `\n${definitions.map(section).join('\n')}\n`
}

function section({ spec: { scope, names, versions } }: Definition): string {
  const schema = versions[0]?.schema.openAPIV3Schema ?? {}
  const short = (names.shortNames ?? []).map((name) => `\`${name}\``).join(', ')
  const place = scope === 'Namespaced' ? 'in a namespace' : 'of the whole cluster'
  const { spec, status } = schema.properties ?? {}
  // Nobody has to give a status: programs write it.
  const told = rowsOf('status', status, true).map((row) => (row[2] === GIVEN ? row.with(2, '') : row))
  const rows = [...rowsOf('spec', spec, true), ...told]
  return `## ${names.kind}

${schema.description?.trim() ?? ''} (${place}; ${short})

${markdownTable(['Field', 'Type', 'Default', 'Meaning'], rows)}`
}

/** Those of the field itself, if it is not only a place for others, and of what is in it. */
function rowsOf(name: string, schema: Schema | undefined, isTop = false): readonly (readonly string[])[] {
  if (schema === undefined) return []
  const own = isTop ? [] : [[`\`${name}\``, typeOf(schema), defaultOf(schema), (schema.description ?? '').trim()]]
  const parts = schema.type === 'array' ? schema.items : schema
  const within = schema.type === 'array' ? `${name}[]` : name
  const required = new Set(parts?.required ?? [])
  const inner = Object.entries(parts?.properties ?? {}).flatMap(([key, each]) =>
    rowsOf(`${within}.${key}`, each).map((row, index) => (index === 0 && required.has(key) ? row.with(2, GIVEN) : row)),
  )
  return [...own, ...inner]
}

function typeOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string'
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ')
  if (schema.type === 'array') return `list of ${schema.items?.type ?? 'anything'}`
  if (typeof schema.additionalProperties === 'object') return `map of ${schema.additionalProperties.type ?? 'anything'}`
  return schema.format === 'date-time' ? 'time' : (schema.type ?? 'anything')
}

function defaultOf(schema: Schema): string {
  return schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
}
