// The tables of the documentation, made from the code. Run as a program it writes them into their files.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AGENT_SETTINGS } from '../agent/config.ts'
import { CONTROLLER_SETTINGS } from '../controller/config.ts'
import type { Settings } from '../runtime/config.ts'
import { ERRORS, type ErrorKind } from '../runtime/errors.ts'
import { SIDECAR_SETTINGS } from '../sidecar/config.ts'

export interface Table {
  readonly file: string
  /** Stands in the comments around it: `<!-- errors -->` … `<!-- end -->`. */
  readonly name: string
  readonly text: () => string
}

export const TABLES: readonly Table[] = [
  { file: 'docs/errors.md', name: 'errors', text: errorTable },
  { file: 'docs/configuration.md', name: 'settings of the agent', text: () => settingTable(AGENT_SETTINGS) },
  { file: 'docs/configuration.md', name: 'settings of the controller', text: () => settingTable(CONTROLLER_SETTINGS) },
  { file: 'docs/configuration.md', name: 'settings of the sidecar', text: () => settingTable(SIDECAR_SETTINGS) },
]

/** What stands between the comments of the table `name`; undefined if they are not there. */
export function tableOf(text: string, name: string): string | undefined {
  const [start, end] = bounds(text, name)
  return start === -1 || end === -1 ? undefined : text.slice(start, end)
}

function bounds(text: string, name: string): readonly [start: number, end: number] {
  const opening = `<!-- ${name} -->\n`
  const at = text.indexOf(opening)
  const start = at === -1 ? -1 : at + opening.length
  return [start, start === -1 ? -1 : text.indexOf('<!-- end -->', start)]
}

function errorTable(): string {
  const kinds: readonly (readonly [string, ErrorKind])[] = Object.entries(ERRORS)
  return table(
    ['Code', 'Status', 'What happened', 'What to do'],
    kinds.map(([code, { status, title, next }]) => [code, status === undefined ? '' : String(status), title, next]),
  )
}

function settingTable(settings: Settings): string {
  return table(
    ['Name', 'Default', 'Meaning'],
    Object.values(settings).map(({ name, fallback, doc }) => [
      `\`${name}\``,
      fallback === undefined ? 'must be given' : fallback === '' ? '' : `\`${fallback}\``,
      doc,
    ]),
  )
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

if (import.meta.main) {
  for (const { file, name, text } of TABLES) {
    const target = path.join(import.meta.dirname, '..', file)
    const old = readFileSync(target, 'utf8')
    const [start, end] = bounds(old, name)
    if (start === -1 || end === -1) throw new Error(`${file} has no place for the ${name}`)
    writeFileSync(target, old.slice(0, start) + text() + old.slice(end))
  }
}
