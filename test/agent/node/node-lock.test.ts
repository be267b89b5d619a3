// One agent per node.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import t, { type Test } from 'tap'
import { lockNode } from '../../../agent/node/node-lock.ts'

const MODULE = path.join(import.meta.dirname, '../../../agent/node/node-lock.ts')

/** A process that says `locked` when it has the lock, and `waiting` when another one has. */
function contender(t: Test, file: string): ChildProcess {
  const program = `
    process.on('message', () => {})
    const { lockNode } = await import(${JSON.stringify(MODULE)})
    await lockNode(${JSON.stringify(file)}, () => process.send('waiting'), new AbortController().signal)
    process.send('locked')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

t.test('a second agent waits, and has the lock as soon as the first is killed', async (t) => {
  const file = path.join(t.testdir(), 'lock')
  const first = contender(t, file)
  t.strictSame(await once(first, 'message').then(([said]: unknown[]) => said), 'locked')
  const second = contender(t, file)
  t.strictSame(await once(second, 'message').then(([said]: unknown[]) => said), 'waiting')
  first.kill('SIGKILL')
  t.strictSame(await once(second, 'message').then(([said]: unknown[]) => said), 'locked')
})

t.test('waiting ends with the signal', async (t) => {
  const file = path.join(t.testdir(), 'lock')
  const first = contender(t, file)
  await once(first, 'message')
  const stop = new AbortController()
  const lock = lockNode(file, () => stop.abort(), stop.signal)
  await t.rejects(lock, { name: 'AbortError' })
})

t.test('a folder that is not there is said', async (t) => {
  const file = path.join(t.testdir(), 'missing', 'lock')
  await t.rejects(
    lockNode(file, () => {}, new AbortController().signal),
    { code: 'ST2007' },
  )
})
