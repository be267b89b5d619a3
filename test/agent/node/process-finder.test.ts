// The processes of pods, among all that run.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { ProcessFinder } from '../../../agent/node/process-finder.ts'

const POD = '0a1b2c3d-0000-4000-8000-000000000001'
const OTHER = '0a1b2c3d-0000-4000-8000-000000000002'
const [A, B, C] = ['a1', 'b2', 'c3'].map((each) => each.repeat(32)) as [string, string, string]

const pod = (uid: string, ...containers: readonly string[]) => ({ uid, containers })

/** A /proc with these processes. */
function proc(t: Test, groups: Readonly<Record<number, string>>) {
  const folder = t.testdir({ self: {} })
  const put = (pid: string | number, group: string) => {
    mkdirSync(path.join(folder, String(pid)), { recursive: true })
    writeFileSync(path.join(folder, String(pid), 'cgroup'), `0::${group}\n`)
  }
  for (const [pid, group] of Object.entries(groups)) put(pid, group)
  return { folder, put }
}

t.test('the processes of a pod are those in the control groups of its containers', async (t) => {
  const { folder } = proc(t, {
    1: '/init.scope',
    20: `/kubepods/pod${POD}/${A}`,
    21: `/kubepods/pod${POD}/${B}`,
    30: `/kubepods/pod${OTHER}/${C}`,
    40: `/k8s.io/${C}`,
  })
  const finder = new ProcessFinder(folder)
  t.strictSame(await finder.of(pod(POD)), [
    { pid: 20, container: A },
    { pid: 21, container: B },
  ])
  t.strictSame(await finder.of(pod(OTHER)), [{ pid: 30, container: C }])
})

t.test('where pods have no control groups, their containers are known by their ids', async (t) => {
  const { folder } = proc(t, { 40: `/k8s.io/${C}`, 41: `/k8s.io/${B}` })
  t.strictSame(await new ProcessFinder(folder).of(pod(POD, A, C)), [{ pid: 40, container: C }])
})

t.test('a process that is still in another group when it is seen first is found when it has moved', async (t) => {
  const { folder, put } = proc(t, { 20: '/system.slice/containerd.service' })
  const finder = new ProcessFinder(folder)
  const appeared = finder.appearance(() => pod(POD), AbortSignal.timeout(10_000))
  await finder.of(pod(POD))
  put(20, `/kubepods/pod${POD}/${A}`)
  t.strictSame(await appeared, [{ pid: 20, container: A }])
})

t.test('a process number that is another process by now is not found', async (t) => {
  const { folder, put } = proc(t, { 20: `/kubepods/pod${POD}/${A}`, 21: `/kubepods/pod${POD}/${B}` })
  const finder = new ProcessFinder(folder)
  t.equal((await finder.of(pod(POD))).length, 2)
  put(20, `/kubepods/pod${OTHER}/${C}`)
  rmSync(path.join(folder, '21'), { recursive: true })
  t.strictSame(await finder.of(pod(POD)), [])
})

t.test('nobody waits on for a pod that is given up', async (t) => {
  const { folder } = proc(t, {})
  await t.rejects(
    new ProcessFinder(folder).appearance(() => pod(POD), AbortSignal.timeout(20)),
    { name: 'AbortError' },
  )
})
