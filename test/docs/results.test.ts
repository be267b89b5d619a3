// Every figure that the documentation claims comes from a kept result, and is written as that result has it.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { savedResults } from '../../bench/results/saved.ts'
import { withClaims, withoutClaims } from '../../docs/results/claim.ts'
import { pages, PLOTS, plots, ROOT } from '../../docs/tables.ts'

const RESULTS = savedResults()
/** A number with a unit that measurements have. Limits and settings are in KiB, MiB and seconds. */
const MEASURED = /\d[\d.,]* ?(?:µs|us|ms|kB|MB|GB|%|×|requests\/s)(?![\w/])|× ?\d[\d.]*/g
/** Numbers with such a unit that are settings, not measurements. */
const SETTINGS = ['it has not changed for 10 ms']
/** Names that hold digits, in a section that is all about figures. */
const NAMES = /HTTP\/[12](\.1)?/g

for (const page of pages()) {
  const text = readFileSync(path.join(ROOT, page), 'utf8')

  t.test(`${page} has its figures from the kept results`, async (t) => {
    t.equal(text, withClaims(text, RESULTS), 'run `npm run docs`')
  })

  if (page === 'docs/benchmarks.md') continue // the tables test compares what is written into it
  t.test(`${page} claims no figure that is in no result`, async (t) => {
    const rest = SETTINGS.reduce((left, setting) => left.replaceAll(setting, ''), withoutClaims(text))
    t.strictSame(rest.match(MEASURED) ?? [], [], 'give it a comment that names its result: docs/results/claim.ts')
  })
}

t.test('what the README says of costs has no number outside of the results', async (t) => {
  const [, section = ''] =
    /^## What it costs\n(.*?)^## /ms.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ?? []
  t.match(section, 'docs/benchmarks.md')
  t.notMatch(withoutClaims(section).replaceAll(NAMES, ''), /\d/)
})

t.test('the text of docs/benchmarks.md has no number of its own', async (t) => {
  const text = readFileSync(path.join(ROOT, 'docs/benchmarks.md'), 'utf8')
  const written = text.replaceAll(/<!-- results of [a-z0-9-]+ -->.*?<!-- end -->/gs, '')
  t.strictSame(withoutClaims(written).match(MEASURED) ?? [], [])
})

t.test('the plots are those of the kept results', async (t) => {
  const there = (existsSync(PLOTS) ? readdirSync(PLOTS) : []).map(
    (file) => [file, readFileSync(path.join(PLOTS, file), 'utf8')] as const,
  )
  t.strictSame(Object.fromEntries(there), Object.fromEntries(plots()), 'run `npm run docs`')
})

function claim(value: string): string {
  return `takes <!-- http1: CPU per request, sidetrack -->${value}<!-- / --> of it`
}

t.test('a claim is written with the unit of its figure', async (t) => {
  const figure = { name: 'CPU per request', subject: 'sidetrack', unit: 'µs', median: 18.94, values: [18.94] }
  const results = new Map([['http1', { figures: [figure] }]])
  t.equal(withClaims(claim('old'), results), claim('18.9 µs'))
  t.throws(() => withClaims('<!-- http1: other, sidetrack -->1<!-- / -->', results), /no figure 'other, sidetrack'/)
  t.throws(() => withClaims('<!-- http9: CPU per request, sidetrack -->1<!-- / -->', results), /http9\.json/)
  t.equal(withoutClaims(claim('1 µs')), 'takes  of it')
})
