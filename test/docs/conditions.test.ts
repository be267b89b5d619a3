import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { conditionsOf } from '../../controller/sandbox/conditions.ts'

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guide/sandboxes.md'), 'utf8')

t.test('docs/guide/sandboxes.md lists exactly the conditions of a Sandbox', async (t) => {
  const section = GUIDE.slice(GUIDE.indexOf('| Condition |'), GUIDE.indexOf('\n\n', GUIDE.indexOf('| Condition |')))
  const listed = section
    .split('\n')
    .slice(2)
    .map((line) => line.split('|')[1]?.trim())
  const programmed = { programmed: true, reason: 'InForce', message: '' }
  const routes = { services: 1, unready: [], programmed }
  const state = { problems: [], warnings: [], forks: [], routes, lost: [] }
  t.strictSame(
    listed,
    conditionsOf(state, 1, [], '2026-01-01T00:00:00Z').map(({ type }) => type),
  )
})

t.test('it knows every reason why a sandbox cannot be, and why a fork is not ready', async (t) => {
  const sources = ['finding.ts', 'fork-state.ts', 'pod-trouble.ts', 'conditions.ts'].map((file) =>
    readFileSync(join(import.meta.dirname, '../../controller/sandbox', file), 'utf8'),
  )
  const reasons = new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/reason: (?:[\w.]+ \?\? )?'([A-Z]\w+)'/g)].map(([, reason = '']) => reason),
    ),
  )
  const problems = sources[0]?.match(/readonly reason:([^/]*)/)?.[1]?.match(/'(\w+)'/g) ?? []
  for (const problem of problems) reasons.add(problem.replaceAll("'", ''))
  for (const known of ['Available', 'Ready', 'NothingToRoute']) reasons.delete(known)
  for (const reason of reasons) t.ok(GUIDE.includes(reason), reason)
})
