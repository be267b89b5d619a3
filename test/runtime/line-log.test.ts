import t from 'tap'
import { lineLog } from '../../runtime/line-log.ts'
import type { LogLevel } from '../../runtime/log.ts'

function record(level: LogLevel): { log: ReturnType<typeof lineLog>; lines: string[] } {
  const lines: string[] = []
  return { log: lineLog(level, { name: 'sidecar' }, (line) => lines.push(line)), lines }
}

t.test('a line is JSON with level, time, bindings, fields and message', async (t) => {
  const { log, lines } = record('info')
  log.info({ listen: '127.0.0.1:1', text: 'a\nb' }, 'listening')
  const [line = ''] = lines
  t.equal(line.indexOf('\n'), line.length - 1)
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
  t.strictSame(rest, { level: 'info', name: 'sidecar', listen: '127.0.0.1:1', text: 'a\nb', msg: 'listening' })
  t.ok(Math.abs(Date.now() - Date.parse(String(time))) < 60_000)
})

t.test('an error is its message and its code', async (t) => {
  const { log, lines } = record('info')
  log.error({ err: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }, 'a')
  log.error({ err: new Error('plain') }, 'b')
  t.strictSame(
    lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['err']),
    [{ message: 'refused', code: 'ECONNREFUSED' }, { message: 'plain' }],
  )
})

t.test('what is under the level is not written', async (t) => {
  const counts = { debug: 4, info: 3, warn: 2, error: 1 } as const
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const { log, lines } = record(level)
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]({}, each)
    t.equal(lines.length, counts[level], level)
  }
})
