// The tables of the documentation are what the code says; `npm run docs` writes them.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { VERSION } from '../../runtime/version.ts'
import { TABLES, tableOf } from '../../docs/tables.ts'

const ROOT = path.join(import.meta.dirname, '../..')

for (const table of TABLES) {
  t.test(`${table.file} lists exactly the ${table.name} of the code`, async (t) => {
    const text = readFileSync(path.join(ROOT, table.file), 'utf8')
    t.equal(tableOf(text, table.name), await table.text(), 'run `npm run docs`')
  })
}

t.test('the version in the code is that of package.json', async (t) => {
  t.equal(VERSION, (JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }).version)
})
