// Changes in the text of a YAML document, found by its nodes and made on its bytes.

import { type Pair, type YAMLMap, isAlias, isMap, isScalar } from 'yaml'
import { wrong } from '../wrong.ts'
import type { Template } from './inject.ts'

/** Puts `insert` in place of what is between two offsets. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly insert: string
}

const STEP = 2

export function applyEdits(text: string, edits: readonly Edit[]): string {
  let changed = text
  for (const { start, end, insert } of edits.toSorted((a, b) => b.start - a.start))
    changed = changed.slice(0, start) + insert + changed.slice(end)
  return changed
}

/** So that the template has these annotations; none if it has them. */
export function annotationEdits(
  text: string,
  { map, pair }: Template,
  annotations: readonly (readonly [string, string])[],
  name: string,
): readonly Edit[] {
  const metadata = child(map, 'metadata', name)
  if (metadata === undefined) return [insertInto(text, map, pair, nested(['metadata', 'annotations'], annotations))]
  const holder = mapOf(metadata)
  const present = holder === undefined ? undefined : child(holder, 'annotations', name)
  if (present === undefined) return [insertInto(text, holder, metadata, nested(['annotations'], annotations))]
  const known = mapOf(present)
  const edits = annotations.flatMap(([key, value]) => {
    const own = known === undefined ? undefined : child(known, key, name)
    return own === undefined || !isScalar(own.value) ? [] : replaced(own.value.range, String(own.value.value), value)
  })
  const missing = annotations.filter(([key]) => known === undefined || child(known, key, name) === undefined)
  return missing.length === 0 ? edits : [...edits, insertInto(text, known, present, nested([], missing))]
}

/** Keys inside each other, the innermost with values. */
interface Lines {
  readonly outer: readonly string[]
  readonly values: readonly (readonly [string, string])[]
}

function nested(outer: Lines['outer'], values: Lines['values']): Lines {
  return { outer, values }
}

/** As the first lines below `pair`'s key, or at the beginning of a map in braces. */
function insertInto(text: string, map: YAMLMap | undefined, pair: Pair | undefined, lines: Lines): Edit {
  if (map?.flow === true) {
    const at = (map.range?.[0] ?? 0) + 1
    return { start: at, end: at, insert: `${flowText(lines)}${map.items.length > 0 ? ', ' : ''}` }
  }
  // `annotations: null`, `annotations: ~`
  if (isScalar(pair?.value) && (pair.value.source ?? '') !== '') {
    const [start = 0, end = 0] = pair.value.range ?? []
    return { start, end, insert: `{${flowText(lines)}}` }
  }
  const key = pair?.key
  if (!isScalar(key) || key.range === null || key.range === undefined) throw wrong('a Pod needs metadata with a name')
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const [keyStart, keyEnd] = key.range
  const first = map?.items[0]?.key
  const indent = isScalar(first) && first.range ? columnOf(text, first.range[0]) : columnOf(text, keyStart) + STEP
  const end = text.indexOf('\n', keyEnd)
  const at = end === -1 ? text.length : end - (text[end - 1] === '\r' ? 1 : 0)
  return {
    start: at,
    end: at,
    insert: blockLines(lines, indent)
      .map((line) => newline + line)
      .join(''),
  }
}

function blockLines({ outer, values }: Lines, indent: number): readonly string[] {
  const keys = outer.map((key, depth) => `${' '.repeat(indent + depth * STEP)}${key}:`)
  const inner = ' '.repeat(indent + outer.length * STEP)
  return [...keys, ...values.map(([key, value]) => `${inner}${key}: "${value}"`)]
}

/** JSON as well. */
function flowText({ outer, values }: Lines): string {
  const inner = values.map(([key, value]) => `"${key}": "${value}"`).join(', ')
  return outer.reduceRight((text, key) => `"${key}": {${text}}`, inner)
}

function replaced(range: readonly number[] | null | undefined, before: string, value: string): readonly Edit[] {
  const [start, end] = range ?? []
  if (before === value || start === undefined || end === undefined) return []
  return [{ start, end, insert: `"${value}"` }]
}

function child(map: YAMLMap, key: string, name: string): Pair | undefined {
  const pair = map.items.find((each) => isScalar(each.key) && each.key.value === key)
  if (isAlias(pair?.value)) throw wrong(`${name}: ${key} is an alias; opt it in where it is written`)
  return pair
}

function mapOf({ value }: Pair): YAMLMap | undefined {
  return isMap(value) ? value : undefined
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}
