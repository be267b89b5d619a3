import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { REDIRECTED_FILE, SIDECAR_FOLDER, WAIT_COMMAND } from '../../core/interception.ts'

/** The hook of a sidecar that has this folder; its milliseconds and its exit code. */
async function hook(folder: string): Promise<{ readonly ms: number; readonly code: unknown }> {
  const [program = '', ...args] = WAIT_COMMAND.map((word) => word.replaceAll(SIDECAR_FOLDER, folder))
  const start = performance.now()
  const [code]: unknown[] = await once(spawn(program, args, { stdio: 'ignore' }), 'exit')
  return { ms: performance.now() - start, code }
}

function folderOf(t: Test): string {
  const folder = join(t.testdir(), 'sidetrack')
  mkdirSync(folder)
  return folder
}

t.test('the app waits until its calls are redirected', async (t) => {
  const folder = folderOf(t)
  const waiting = hook(folder)
  const first = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, 'waits'))])
  t.equal(first, 'waits')
  writeFileSync(join(folder, REDIRECTED_FILE), '')
  const { ms, code } = await waiting
  t.equal(code, 0)
  t.ok(ms < 2900, `${ms.toFixed(0)} ms`)
})

t.test('without a redirect it waits no longer than three seconds, and the hook still ends well', async (t) => {
  for (const folder of [folderOf(t), '/nowhere']) {
    const { ms, code } = await hook(folder)
    t.equal(code, 0, 'a hook that fails restarts the sidecar')
    t.ok(ms >= 2800, `${ms.toFixed(0)} ms`)
    // The kernel's own clock ends it; only a machine that starves its processes adds to that.
    t.ok(ms < 6000, `${ms.toFixed(0)} ms`)
  }
})
