// The health that Argo CD shows of a Sandbox, by a Lua of the version that Argo CD has: it says what `sidetrack create --wait` would do.

import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { verdictOf } from '../../../cli/sandbox/verdict.ts'
import type { Sandbox } from '../../../kubernetes/resources/sandbox.ts'

const ROOT = path.join(import.meta.dirname, '../../..')
const SCRIPT = path.join(ROOT, 'manifests/gitops/argo-cd-health.lua')
const guide = readFileSync(path.join(ROOT, 'docs/guide/sandboxes.md'), 'utf8')
const conditions = guide.slice(guide.indexOf('## Conditions'), guide.indexOf('## One key'))
const REASONS = new Set([...conditions.matchAll(/`([A-Z]\w+)`/g)].map(([, reason = '']) => reason))

const missing = spawnSync('lua5.1', ['-v']).error !== undefined && 'not installed: lua5.1 (package lua5.1)'

test('what Argo CD shows of a Sandbox', { skip: missing }, async (t) => {
  const folder = t.testdir()
  const healthOf = async (sandbox: object) => {
    const file = path.join(folder, 'obj.lua')
    writeFileSync(
      file,
      `obj = ${lua(sandbox)}\nlocal hs = dofile(${lua(SCRIPT)})\nprint(hs.status)\nprint(hs.message)\n`,
    )
    const { stdout } = await promisify(execFile)('lua5.1', [file])
    const [status, message] = stdout.split('\n')
    return { status, message }
  }

  await t.test(
    'it is on its way while the controller has said nothing, or nothing of the present generation',
    async (t) => {
      t.match(await healthOf({ metadata: { generation: 1 } }), { status: 'Progressing' })
      t.match(await healthOf(sandboxWith('True', 'Ready', 1, 2)), { status: 'Progressing' })
    },
  )

  await t.test('it is well when it is ready', async (t) => {
    t.same(await healthOf(sandboxWith('True', 'Ready', 2)), { status: 'Healthy', message: 'why it is so' })
  })

  t.ok(REASONS.size > 20)
  for (const reason of REASONS) {
    await t.test(reason, async (t) => {
      const sandbox = sandboxWith('False', reason, 1)
      const { state } = verdictOf(sandbox)
      const expected = state === 'waiting' ? 'Progressing' : 'Degraded'
      t.same(await healthOf(sandbox), { status: expected, message: 'why it is so' })
    })
  }
})

function sandboxWith(status: 'True' | 'False', reason: string, observed: number, generation = observed): Sandbox {
  const condition = {
    type: 'Ready',
    status,
    reason,
    message: 'why it is so',
    observedGeneration: observed,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }
  return {
    apiVersion: 'sidetrack.dev/v1alpha1',
    kind: 'Sandbox',
    metadata: { name: 'pr-42', generation },
    spec: { forks: [] },
    status: { conditions: [condition] },
  }
}

/** The value as Lua writes it. */
function lua(value: unknown): string {
  if (Array.isArray(value)) return `{ ${value.map(lua).join(', ')} }`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([name, each]) => `[${JSON.stringify(name)}] = ${lua(each)}`)
    .join(', ')} }`
}
