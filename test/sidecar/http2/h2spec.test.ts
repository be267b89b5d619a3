// h2spec's conformance tests, with a node:http2 server behind the router.

import { execFile } from 'node:child_process'
import http2 from 'node:http2'
import { promisify } from 'node:util'
import t from 'tap'
import { listen } from '../../fixtures/http2/listen.ts'
import { startRouter } from '../../fixtures/http2/router.ts'
import { goTool } from '../../fixtures/http2/tool.ts'

const tool = await goTool('github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible')

t.test('no test of h2spec fails', { skip: 'missing' in tool && tool.missing }, async (t) => {
  if ('missing' in tool) return
  // An answer before the request's end closes the stream, and what h2spec sends on it next is then right to ignore: with a server
  // that answers at once ten tests fail whenever h2spec loses the CPU between two frames.
  const server = http2.createServer((request, response) => request.resume().on('end', () => response.end('hello')))
  server.on('session', (session) => session.on('error', () => {}))
  const router = await startRouter(t, { baseline: await listen(server) })
  t.teardown(() => server.close())
  const { stdout } = await promisify(execFile)(tool.path, [
    '-h',
    '127.0.0.1',
    '-p',
    String(router.port),
    // Of one test, in seconds; only a test that fails takes so long, so a busy machine fails none.
    '-o',
    '15',
  ]).catch((error: unknown) => ({ stdout: String(error instanceof Error && 'stdout' in error ? error.stdout : error) }))
  t.match(stdout, /145 tests, 145 passed, 0 skipped, 0 failed/)
  t.notMatch(stdout, /×/)
})
