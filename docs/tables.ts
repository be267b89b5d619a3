// The parts of the documentation that are made from code and results. Run as a program it writes them into their files.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AGENT_SETTINGS } from '../agent/config.ts'
import { CONTROLLER_SETTINGS } from '../controller/config.ts'
import type { Settings } from '../runtime/config.ts'
import { ERRORS, type ErrorKind } from '../runtime/errors.ts'
import { SIDECAR_SETTINGS } from '../sidecar/config.ts'
import { savedResults } from '../bench/results/saved.ts'
import { markdownTable } from './results/markdown-table.ts'
import { withClaims } from './results/claim.ts'
import { plotsOf, section } from './results/section.ts'
import { commandReference } from './commands.ts'
import { resourceReference } from './resources.ts'

export interface Table {
  readonly file: string
  /** Stands in the comments around it: `<!-- errors -->` … `<!-- end -->`. */
  readonly name: string
  readonly text: () => string | Promise<string>
}

/** What docs/benchmarks.md has a place for, measured or not. */
const MEASURED = [
  'istio',
  'http1',
  'http2',
  'memory',
  'routes',
  'edit',
  'mix',
  'pod-start',
  'controller',
  'scale',
  'soak',
  'soak-sandboxes',
] as const

export const TABLES: readonly Table[] = [
  { file: 'docs/errors.md', name: 'errors', text: errorTable },
  { file: 'docs/guide/commands.md', name: 'commands', text: commandReference },
  { file: 'docs/resources.md', name: 'resources', text: resourceReference },
  { file: 'docs/configuration.md', name: 'settings of the agent', text: () => settingTable(AGENT_SETTINGS) },
  { file: 'docs/configuration.md', name: 'settings of the controller', text: () => settingTable(CONTROLLER_SETTINGS) },
  { file: 'docs/configuration.md', name: 'settings of the sidecar', text: () => settingTable(SIDECAR_SETTINGS) },
  ...new Set([...MEASURED, ...savedResults().keys()])
    .values()
    .map((bench) => ({ file: 'docs/benchmarks.md', name: `results of ${bench}`, text: () => resultsOf(bench) })),
]

export const ROOT = path.join(import.meta.dirname, '..')
export const PLOTS = path.join(ROOT, 'docs/benchmarks')

/** The plots that there are to be, by the name of their file. */
export function plots(): ReadonlyMap<string, string> {
  return new Map([...savedResults().values()].flatMap(plotsOf).map(({ file, svg }) => [file, svg]))
}

/** Pages that may claim figures: all that people read but the decisions, which tell what was found when they were taken. */
export function pages(): readonly string[] {
  const docs = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  return [
    'README.md',
    'ARCHITECTURE.md',
    ...docs.filter((file) => file.endsWith('.md') && !file.startsWith('adr')).map((file) => `docs/${file}`),
  ]
}

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

function resultsOf(bench: string): string {
  const result = savedResults().get(bench)
  return result === undefined ? 'No result is kept yet.\n' : section(result)
}

function errorTable(): string {
  const kinds: readonly (readonly [string, ErrorKind])[] = Object.entries(ERRORS)
  return markdownTable(
    ['Code', 'Status', 'What happened', 'What to do'],
    kinds.map(([code, { status, title, next }]) => [code, status === undefined ? '' : String(status), title, next]),
  )
}

function settingTable(settings: Settings): string {
  return markdownTable(
    ['Name', 'Default', 'Meaning'],
    Object.values(settings).map(({ name, fallback, doc }) => [
      `\`${name}\``,
      fallback === undefined ? 'must be given' : fallback === '' ? '' : `\`${fallback}\``,
      doc,
    ]),
  )
}

if (import.meta.main) {
  for (const { file, name, text } of TABLES) {
    const target = path.join(ROOT, file)
    const old = readFileSync(target, 'utf8')
    const [start, end] = bounds(old, name)
    if (start === -1 || end === -1) throw new Error(`${file} has no place for the ${name}`)
    writeFileSync(target, old.slice(0, start) + (await text()) + old.slice(end))
  }
  for (const page of pages()) {
    const target = path.join(ROOT, page)
    writeFileSync(target, withClaims(readFileSync(target, 'utf8'), savedResults()))
  }
  rmSync(PLOTS, { recursive: true, force: true })
  mkdirSync(PLOTS)
  for (const [file, svg] of plots()) writeFileSync(path.join(PLOTS, file), svg)
}
