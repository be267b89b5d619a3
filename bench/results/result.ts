// The form of a measurement that is kept: what was measured, where, with what, all its raw values, and what they are held to.

import type { Machine } from '../machine.ts'

export interface Result {
  /** The measurement's name, and that of its file. */
  readonly bench: string
  /** What repeats it. */
  readonly command: string
  /** Of the sources; ends in `-dirty` where they differed from it. */
  readonly commit: string
  /** ISO 8601. */
  readonly date: string
  readonly machine: Machine
  /** Of what was compared, beside the programs that the machine tells. */
  readonly versions: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, number | string | boolean>>
  /** Name and subject together occur once. */
  readonly figures: readonly Figure[]
  readonly series: readonly Series[]
}

export interface Figure {
  readonly name: string
  readonly subject: string
  /** '' for a ratio or a count. */
  readonly unit: string
  readonly median: number
  /** One for each round; of things that are counted one by one, one for each of them. */
  readonly values: readonly number[]
  readonly budget?: Limit
}

export interface Limit {
  /** The median may be as large as this. */
  readonly most: number
  /** What it is a share of. */
  readonly of?: string
}

export interface Series {
  readonly name: string
  readonly subject: string
  readonly x: Axis
  readonly y: Axis
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly fit?: Fit
}

export interface Axis {
  readonly name: string
  readonly unit: string
}

export interface Fit {
  /** In x, such as `a + b·x`. */
  readonly formula: string
  readonly a: number
  readonly b: number
  readonly r2: number
}

/** Reads what a file holds. Throws an error that names the first place that is not as it should be. */
export function readResult(text: string, file: string): Result {
  const found: unknown = JSON.parse(text)
  const wrong = firstFault(found)
  if (wrong !== undefined) throw new Error(`${file}: ${wrong}`)
  return found as Result
}

type Check = (value: unknown, at: string) => string | undefined

const isText: Check = (value, at) => (typeof value === 'string' ? undefined : `${at} is no text`)
const isNumber: Check = (value, at) => (Number.isFinite(value) ? undefined : `${at} is no number`)
const isMap: Check = (value, at) => (isObject(value) ? undefined : `${at} is no object`)

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(check: Check, least = 0): Check {
  return (value, at) => {
    if (!Array.isArray(value) || value.length < least) return `${at} is no list of at least ${least}`
    return first(value.map((each, index) => check(each, `${at}[${index}]`)))
  }
}

/** Fields whose names end in `?` may be missing. */
function objectOf(fields: Readonly<Record<string, Check>>): Check {
  return (value, at) => {
    if (!isObject(value)) return `${at} is no object`
    return first(
      Object.entries(fields).map(([key, check]) => {
        const name = key.replace('?', '')
        if (key.endsWith('?') && value[name] === undefined) return undefined
        return check(value[name], at === '' ? name : `${at}.${name}`)
      }),
    )
  }
}

function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((each) => each !== undefined)
}

const isAxis = objectOf({ name: isText, unit: isText })
const isResult = objectOf({
  bench: isText,
  command: isText,
  commit: isText,
  date: isText,
  machine: objectOf({ cpu: isText, cores: isNumber, memoryBytes: isNumber, kernel: isText, load: isNumber }),
  versions: isMap,
  settings: isMap,
  figures: listOf(
    objectOf({
      name: isText,
      subject: isText,
      unit: isText,
      median: isNumber,
      values: listOf(isNumber, 1),
      'budget?': objectOf({ most: isNumber, 'of?': isText }),
    }),
  ),
  series: listOf(
    objectOf({
      name: isText,
      subject: isText,
      x: isAxis,
      y: isAxis,
      points: listOf(listOf(isNumber, 2), 1),
      'fit?': objectOf({ formula: isText, a: isNumber, b: isNumber, r2: isNumber }),
    }),
  ),
})

function firstFault(value: unknown): string | undefined {
  return isResult(value, '') ?? twice((value as Result).figures) ?? twice((value as Result).series)
}

/** A figure is looked up by its name and subject. */
function twice(all: readonly { readonly name: string; readonly subject: string }[]): string | undefined {
  const ids = all.map(({ name, subject }) => `${name}, ${subject}`)
  const found = ids.find((id, index) => ids.indexOf(id) !== index)
  return found === undefined ? undefined : `'${found}' is there twice`
}
