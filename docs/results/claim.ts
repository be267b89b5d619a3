// Figures in the text of a page: each stands between comments that name where it comes from, and is written from there.
//
//     <!-- http1: CPU per request, sidetrack -->18.9 µs<!-- / -->

import type { Figure, Result } from '../../bench/results/result.ts'
import { withUnit } from './number.ts'

const CLAIM = /<!-- ([a-z0-9-]+): ([^>]+?) -->([^<]*)<!-- \/ -->/g

type Figures = Pick<Result, 'figures'>

/** The page with each figure as the results have it. Throws an error that names a figure that is in none of them. */
export function withClaims(page: string, results: ReadonlyMap<string, Figures>): string {
  return page.replaceAll(CLAIM, (_, bench: string, id: string) => {
    const figure = find(results.get(bench), id)
    if (figure === undefined) throw new Error(`no figure '${id}' in bench/results/${bench}.json`)
    return `<!-- ${bench}: ${id} -->${withUnit(figure.median, figure.unit)}<!-- / -->`
  })
}

function find(result: Figures | undefined, id: string): Figure | undefined {
  return result?.figures.find(({ name, subject }) => `${name}, ${subject}` === id)
}

/** What a person reads of a page that is not a figure from a result, and not code. */
export function withoutClaims(page: string): string {
  return page
    .replaceAll(CLAIM, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
}
