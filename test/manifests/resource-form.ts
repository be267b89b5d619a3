// The form of an object, said once by its TypeScript type and once by its schema, so that the two can be compared.

/**
 * What a value of type T looks like, as data that the compiler checks against T: `'string'`, `'integer'`, `'boolean'`,
 * `{ oneOf: { a: true, b: true } }`, `[item]`, `{ values: form }` of a map, `'anything'`, or the forms of an object's fields by name, the
 * optional ones with a question mark.
 */
export type Form<T> = unknown extends T
  ? 'anything'
  : [T] extends [boolean]
    ? 'boolean'
    : [T] extends [number]
      ? 'integer'
      : [T] extends [string]
        ? string extends T
          ? 'string'
          : { readonly oneOf: { readonly [V in T & string]: true } }
        : T extends readonly (infer I)[]
          ? readonly [Form<I>]
          : string extends keyof T
            ? FormOfMap<T[string & keyof T]>
            : FormOfObject<T>

type FormOfMap<V> = unknown extends V ? 'anything' : { readonly values: Form<V> }

type FormOfObject<T> = {
  readonly [K in keyof T & string as Pick<T, K> extends Required<Pick<T, K>> ? K : `${K}?`]-?: Form<NonNullable<T[K]>>
}

/** The part of an OpenAPI schema that this looks at. */
export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly required?: readonly string[]
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
}

/** The form that a schema allows. What has a default may be left out. Throws for a schema that says nothing about its values. */
export function formOf(schema: Schema): unknown {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return 'anything'
  if (schema.enum !== undefined) return { oneOf: Object.fromEntries(schema.enum.map((value) => [value, true])) }
  if (schema.items !== undefined) return [formOf(schema.items)]
  if (schema.additionalProperties !== undefined) return { values: formOf(schema.additionalProperties) }
  if (schema.properties !== undefined) return formOfFields(schema.properties, schema.required ?? [])
  if (schema.type === undefined || schema.type === 'object') throw new Error(`no form: ${JSON.stringify(schema)}`)
  return schema.type
}

function formOfFields(properties: Readonly<Record<string, Schema>>, required: readonly string[]): object {
  const fields = Object.entries(properties)
  return Object.fromEntries(
    fields.map(([name, schema]) => [required.includes(name) ? name : `${name}?`, formOf(schema)]),
  )
}

/** The paths of the fields, items and values that no description explains. */
export function undescribed(schema: Schema, path: string): readonly string[] {
  const parts: (readonly [path: string, part: Schema])[] = Object.entries(schema.properties ?? {}).map(
    ([name, part]) => [`${path}.${name}`, part],
  )
  if (schema.items !== undefined) parts.push([`${path}[]`, schema.items])
  if (schema.additionalProperties !== undefined) parts.push([`${path}[]`, schema.additionalProperties])
  const own = schema.description === undefined || schema.description === '' ? [path] : []
  return [...own, ...parts.flatMap(([at, part]) => undescribed(part, at))]
}
