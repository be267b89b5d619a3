// Where results are kept, and how a measurement becomes one.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../machine.ts'
import { fromRoot } from '../root.ts'
import { readResult, type Result } from './result.ts'

const FOLDER = fromRoot('bench', 'results')

/** All that are kept, by the measurement's name. Throws if a file is not as it should be. */
export function savedResults(folder = FOLDER): ReadonlyMap<string, Result> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return new Map(
    files.toSorted().map((file) => {
      const result = readResult(readFileSync(join(folder, file), 'utf8'), file)
      if (`${result.bench}.json` !== file) throw new Error(`${file} holds the result of ${result.bench}`)
      return [result.bench, result]
    }),
  )
}

/** Writes it over the last one of its name, without the figures of what was not measured, and answers the file. */
export function saveResult(all: Result, folder = FOLDER): string {
  const result = { ...all, figures: all.figures.filter(({ values }) => values.length > 0) }
  const text = `${pretty(result)}\n`
  const file = join(folder, `${result.bench}.json`)
  readResult(text, file)
  writeFileSync(file, text)
  return file
}

/** What every result says of itself: when, where, of which sources. */
export function provenance(machine: Machine, date = new Date()): Pick<Result, 'commit' | 'date' | 'machine'> {
  return { commit: commit(), date: date.toISOString(), machine }
}

/** Results, and the documents that are written from them, are no sources: one measurement may be kept after the other. */
function commit(): string {
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!bench/results/*.json', ':!docs')
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '-dirty'}`
}

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', fromRoot(), ...args], { encoding: 'utf8' }).trim()
}

/** JSON in lines that fit a screen, lists of numbers in one line: a difference of two results is read by people. */
function pretty(result: Result): string {
  return JSON.stringify(result, null, 2).replaceAll(/\[\s+([-\d.,e+\s]+?)\s+\]/g, (_, list: string) => {
    return `[${list.replaceAll(/\s+/g, ' ')}]`
  })
}
