import { execFileSync } from 'node:child_process'
import t from 'tap'
import { assignCores } from '../../bench/cores.ts'
import { parseOptions, UsageError } from '../../bench/options.ts'
import { isHttp1Peer, isHttp2Peer } from '../../bench/peers/all.ts'
import { findTools, MissingTools } from '../../bench/tools.ts'

t.test('measurements are named; everything else has a default', (t) => {
  const options = parseOptions(['http1', 'mix'])
  t.same(options.modes, ['http1', 'mix'])
  t.equal(options.json, false)
  t.equal(options.rounds, undefined)
  t.equal(options.requests, 200_000)
  t.equal(options.sandboxes, undefined)
  t.equal(options.nodes, 200)
  t.ok(options.only.includes('envoy'))
  t.end()
})

t.test('rounds, seconds and peers can be chosen', (t) => {
  const options = parseOptions(['http1', '--json', '--rounds', '2', '--seconds=3', '--only', 'direct,haproxy'])
  t.match(options, { json: true, rounds: 2, seconds: 3, only: ['direct', 'haproxy'] })
  t.end()
})

t.test('the same choice of peers serves both protocols, each taking its own', (t) => {
  const { only } = parseOptions(['http1', 'http2', '--only', 'sidetrack,envoy,node-http2'])
  t.same(only.filter(isHttp1Peer), ['sidetrack', 'envoy'])
  t.same(only.filter(isHttp2Peer), ['sidetrack', 'node-http2'])
  t.same(parseOptions(['http2']).only.filter(isHttp2Peer), ['sidetrack', 'haproxy', 'node-http2'])
  t.end()
})

t.test('what is not understood is refused with one line that says what was', (t) => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /name a measurement: http1/],
    [['http9'], /unknown measurement 'http9'/],
    [['http1', '--fast'], /Unknown option '--fast'/],
    [['http1', '--only', 'direct,caddy'], /unknown peer 'caddy'/],
    [['http2', '--only', 'direct,envoy'], /no peer of http2 in --only/],
    [['http1', 'http2', '--only', 'node-http2'], /no peer of http1 in --only/],
    [['memory', '--transfer', '0'], /--transfer takes a whole number/],
    [['http1', '--rounds', '0'], /--rounds takes a whole number from 1 to 100, not '0'/],
    [['http1', '--seconds', 'ten'], /not 'ten'/],
    [['http1', '--seconds'], /argument/],
  ]
  for (const [args, message] of refused) {
    t.throws(() => parseOptions(args), UsageError)
    t.throws(() => parseOptions(args), message)
    t.throws(() => parseOptions(args), /^[^\n]*$/)
  }
  t.end()
})

t.test('the program exits with 64 for an unknown option, and says why in one line', (t) => {
  try {
    execFileSync(process.execPath, ['bench/main.ts', 'http1', '--fast'], { encoding: 'utf8', stdio: 'pipe' })
    t.fail('it should fail')
  } catch (error) {
    t.match(error, { status: 64, stdout: '', stderr: /^bench: Unknown option '--fast'.*\n$/ })
  }
  t.end()
})

t.test('a missing tool is named, with what installs it', (t) => {
  const { PATH, XDG_CACHE_HOME } = process.env
  t.teardown(() => {
    process.env['PATH'] = PATH
    if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME
  })
  process.env['PATH'] = ''
  process.env['XDG_CACHE_HOME'] = t.testdir()
  t.throws(() => findTools(['open-loop', 'wrk']), MissingTools)
  t.throws(() => findTools(['open-loop', 'wrk']), /open-loop, wrk not found: run bench\/setup/)
  t.end()
})

t.test('the proxy has a core of its own', (t) => {
  t.same(assignCores(2), { load: 0, proxy: 1, upstream: 0 })
  t.same(assignCores(8), { load: 0, proxy: 1, upstream: 2 })
  t.throws(() => assignCores(1), /two cores/)
  t.end()
})
