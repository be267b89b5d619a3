// Every link of the documentation within the repository leads to a file, and to a heading of it where it names one.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../cluster/command.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const LINK = /\]\((?!https?:|mailto:)([^)\s]+)\)/g

const pages = (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: ROOT }))
  .split('\n')
  .filter((name) => name !== '')

for (const page of pages) {
  const text = readFileSync(path.join(ROOT, page), 'utf8')
  const links = [...text.matchAll(LINK)].map(([, link = '']) => link)
  if (links.length === 0) continue
  t.test(page, async (t) => {
    for (const link of links) {
      const [file = '', heading] = link.split('#')
      const target = file === '' ? path.join(ROOT, page) : path.join(ROOT, path.dirname(page), file)
      t.ok(existsSync(target), link)
      if (heading !== undefined && target.endsWith('.md')) t.ok(headingsOf(target).has(heading), link)
    }
  })
}

/** As GitHub makes them. */
function headingsOf(file: string): ReadonlySet<string> {
  const lines = readFileSync(file, 'utf8').matchAll(/^#+ +(.*)$/gm)
  return new Set(
    [...lines].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}
