import { spawn } from 'node:child_process'
import t from 'tap'
import {
  commandLine,
  cpuSeconds,
  descendants,
  footprint,
  memory,
  parseCoreSeconds,
  parseFootprint,
  parseStat,
  parseStatusBytes,
  resetPeak,
  stat,
} from '../../bench/procfs.ts'

const LINE =
  '4242 (a) (b c) S 17 4242 4242 0 -1 4194560 100 0 0 0 150 50 7 8 20 0 11 0 12345 1000000 250 18446744073709551615\n'

t.test('a process line is read even if the command holds spaces and parentheses', (t) => {
  t.same(parseStat(LINE), { pid: 4242, parent: 17, cpuSeconds: 2, threads: 11 })
  t.end()
})

t.test('times of children that were waited for do not count', (t) => {
  t.equal(parseStat(LINE.replace(' 7 8 20 ', ' 700 800 20 ')).cpuSeconds, 2)
  t.end()
})

t.test('a core is busy in everything but idling and waiting for a disk, and what the hypervisor takes counts', (t) => {
  const text = 'cpu  9 9 9 9 9 9 9 9 0 0\ncpu1 100 10 50 900 800 7 3 30 0 0\ncpu10 1 0 0 0 0 0 0 0 0 0\n'
  t.equal(parseCoreSeconds(text, 1), 2)
  t.equal(parseCoreSeconds(text, 10), 0.01)
  t.end()
})

t.test('memory is read in bytes', (t) => {
  const text = 'Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t  60 kB\nVmRSS:\t   50 kB\nThreads:\t11\n'
  t.equal(parseStatusBytes(text, 'VmRSS'), 51_200)
  t.equal(parseStatusBytes(text, 'VmHWM'), 61_440)
  t.equal(parseStatusBytes(text, 'VmSwap'), 0)
  t.end()
})

t.test('a footprint has the share of common pages, and what is its own alone', (t) => {
  const rollup =
    'Rss:  100 kB\nPss:   40 kB\nPss_Dirty:  9 kB\nShared_Clean: 70 kB\nPrivate_Clean:  3 kB\nPrivate_Dirty:  20 kB\n'
  t.same(parseFootprint(rollup), { rss: 102_400, pss: 40_960, own: 23_552 })
  t.end()
})

t.test('a peak can be counted from now on', { skip: process.platform !== 'linux' }, (t) => {
  resetPeak([process.pid])
  const { rss, peak } = memory([process.pid])
  t.ok(rss <= peak && peak - rss < 5e6, `${rss}, at most ${peak}`)
  const { rss: held, pss, own } = footprint(process.pid)
  t.ok(own > 1e6 && own <= pss && pss <= held, `${own} ≤ ${pss} ≤ ${held}`)
  t.end()
})

t.test(
  'a running process has CPU time, memory, a parent and a command line',
  { skip: process.platform !== 'linux' },
  (t) => {
    t.equal(stat(process.pid).parent, process.ppid)
    t.ok(cpuSeconds([process.pid]) > 0)
    // One reading: this process grows from one to the next.
    const { rss, peak } = memory([process.pid])
    t.ok(rss > 10e6)
    t.ok(peak >= rss)
    t.match(commandLine(process.pid), /procfs\.test/)
    t.end()
  },
)

t.test('children and their children are found', { skip: process.platform !== 'linux' }, async (t) => {
  const child = spawn('sh', ['-c', 'sleep 30 & echo up; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const found = descendants(process.pid).map((pid) => ({ pid, command: commandLine(pid) }))
  const sleeper = found.find(({ command }) => command === 'sleep 30')
  t.ok(found.some(({ pid }) => pid === child.pid))
  t.ok(sleeper)
  if (sleeper !== undefined) process.kill(sleeper.pid)
  child.kill()
})
