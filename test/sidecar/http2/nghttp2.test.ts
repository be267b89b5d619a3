// nghttp2's own client and load generator, which use the dynamic table and priorities.

import { execFile } from 'node:child_process'
import http2 from 'node:http2'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { listen } from '../../fixtures/http2/listen.ts'
import { startRouter } from '../../fixtures/http2/router.ts'
import { onPath } from '../../fixtures/http2/tool.ts'

const run = promisify(execFile)
const nghttp = await onPath('nghttp', 'apt install nghttp2-client')
const h2load = await onPath('h2load', 'apt install nghttp2-client')

async function serve(t: Test, name: string): Promise<number> {
  const server = http2.createServer((request, response) => {
    let length = 0
    request.on('data', (chunk: Buffer) => (length += chunk.length))
    request.on('end', () => response.end(`${name} ${length}\n`))
  })
  t.teardown(() => server.close())
  return listen(server)
}

t.test('nghttp reaches baseline and fork', { skip: 'missing' in nghttp && nghttp.missing }, async (t) => {
  if ('missing' in nghttp) return
  const router = await startRouter(t, { baseline: await serve(t, 'baseline'), forks: { k: await serve(t, 'fork') } })
  const url = `http://127.0.0.1:${router.port}/`
  const keyed = ['-H', 'baggage: sidetrack=k', '-H', 'x-long: '.padEnd(2_000, 'v')]
  t.equal((await run(nghttp.path, [url])).stdout, 'baseline 0\n')
  t.equal((await run(nghttp.path, [...keyed, url])).stdout, 'fork 0\n')
  t.equal((await run(nghttp.path, [...keyed, '-d', process.execPath, url])).stdout.split(' ')[0], 'fork')
  t.equal((await run(nghttp.path, ['-m', '20', '--padding=100', url])).stdout, 'baseline 0\n'.repeat(20))
  t.equal((await run(nghttp.path, ['--no-dep', '--continuation', '-w', '4', '-W', '4', url])).stdout, 'baseline 0\n')
})

t.test('h2load loses no request', { skip: 'missing' in h2load && h2load.missing }, async (t) => {
  if ('missing' in h2load) return
  const router = await startRouter(t, { baseline: await serve(t, 'baseline'), forks: { k: await serve(t, 'fork') } })
  const url = `http://127.0.0.1:${router.port}/`
  for (const args of [[], ['-H', 'baggage: sidetrack=k'], ['-w', '2', '-W', '2'], ['--encoder-header-table-size=0']]) {
    const { stdout } = await run(h2load.path, ['-n', '2000', '-c', '4', '-m', '50', ...args, url])
    t.match(stdout, /2000 succeeded, 0 failed, 0 errored, 0 timeout/, args.join(' '))
  }
  t.equal(router.counts.baseline, 6_000)
  t.equal(router.counts.fork, 2_000)
})
