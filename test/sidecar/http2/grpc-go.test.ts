// google.golang.org/grpc on both sides: the right variant, status and trailers for every call of one connection.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { startRouter } from '../../fixtures/http2/router.ts'
import { goFixture, startTool } from '../../fixtures/http2/tool.ts'

const tool = await goFixture('grpc-go')

t.test(
  'a thousand streams at once with ten keys on one connection get their variant, status and trailers',
  { skip: 'missing' in tool && tool.missing },
  async (t) => {
    if ('missing' in tool) return
    const keys = Array.from({ length: 10 }, (_, n) => `pr-${n}`)
    const baseline = await startTool(t, tool.path, ['server', 'baseline'])
    const forks: Record<string, number> = {}
    for (const key of keys) forks[key] = await startTool(t, tool.path, ['server', key])
    const router = await startRouter(t, { baseline, forks })
    const address = `127.0.0.1:${router.port}`
    const { stdout } = await promisify(execFile)(tool.path, ['client', address, '1000', ...keys])
    const report: unknown = JSON.parse(stdout)
    t.match(report, { calls: 2000, open: 1000 })
    t.has(report, { wrong: [] })
    t.equal(router.sessions.length, 1, 'one connection')
    // Of the 400 calls that are cancelled or run into their deadline some may not have left the client.
    t.ok(router.counts.baseline + router.counts.fork >= 1600)
    t.same(router.counts.refused, {})
  },
)
