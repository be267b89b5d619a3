// What may differ from one installation to the next, from flags and from a file.

import { wrong } from '../wrong.ts'

export interface Values {
  /** Stands before the names of the images: `registry.example/mirror`. Empty text anywhere is as if it were not given. */
  readonly registry?: string
  readonly tag?: string
  /** Whole names, in place of registry and tag. */
  readonly images?: { readonly agent?: string; readonly sidecar?: string }
  /** PodMonitors, alerts and a dashboard beside it: manifests/monitoring. */
  readonly monitoring?: boolean
  readonly controller?: { readonly replicas?: number; readonly resources?: Resources; readonly settings?: Settings }
  readonly agent?: { readonly resources?: Resources; readonly settings?: Settings }
}

/** Of a container, in the words of Kubernetes; what is not named stays as it is. */
export interface Resources {
  readonly requests?: Readonly<Record<string, Quantity>>
  readonly limits?: Readonly<Record<string, Quantity>>
}

/** `100m`, `64Mi`, 2. */
export type Quantity = string | number

/** Environment variables of docs/configuration.md. */
export type Settings = Readonly<Record<string, string>>

export type Shape = { readonly [name: string]: 'text' | 'count' | 'flag' | 'settings' | 'quantities' | Shape }

const RESOURCES: Shape = { requests: 'quantities', limits: 'quantities' }

export const VALUES_SHAPE: Shape = {
  registry: 'text',
  tag: 'text',
  images: { agent: 'text', sidecar: 'text' },
  monitoring: 'flag',
  controller: { replicas: 'count', resources: RESOURCES, settings: 'settings' },
  agent: { resources: RESOURCES, settings: 'settings' },
}

/** Flags count more than the file. Throws ST4001 with the path of what is wrong. */
export function valuesFrom(flags: Pick<Values, 'registry' | 'tag'>, file: unknown): Values {
  const { registry, tag } = flags
  if (registry !== undefined) check(registry, 'text', '--registry')
  if (tag !== undefined) check(tag, 'text', '--tag')
  const values = file ?? {}
  check(values, VALUES_SHAPE, '')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked just now
  const given = values as Values
  return { ...given, ...(registry === undefined ? {} : { registry }), ...(tag === undefined ? {} : { tag }) }
}

function check(value: unknown, shape: Shape[string], path: string): void {
  if (shape === 'text') {
    if (typeof value !== 'string' || /\s/.test(value)) throw wrong(`${path} must be text without white space`)
    return
  }
  if (shape === 'count') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      throw wrong(`${path} must be a whole number above 0`)
    return
  }
  if (shape === 'flag') {
    if (typeof value !== 'boolean') throw wrong(`${path} must be true or false`)
    return
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`${path || 'the file'} must be a map`)
  for (const [name, inner] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`
    if (shape === 'settings') {
      if (!name.startsWith('SIDETRACK_')) throw wrong(`${at} is no setting; docs/configuration.md lists them`)
      if (typeof inner !== 'string') throw wrong(`${at} must be text: in YAML, put it in quotes`)
      continue
    }
    if (shape === 'quantities') {
      if (typeof inner !== 'number') check(inner, 'text', at)
      continue
    }
    const wanted = shape[name]
    if (wanted === undefined) throw wrong(`${at} is not known; there is ${Object.keys(shape).join(', ')}`)
    check(inner, wanted, at)
  }
}
