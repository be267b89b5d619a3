import { rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { parseChoice, parseEndpoint, parseSeconds, parseServer, readConfig } from '../../runtime/config.ts'
import { SidetrackError } from '../../runtime/errors.ts'

const SETTINGS = {
  endpoint: { name: 'SIDETRACK_ENDPOINT', doc: 'where', fallback: '127.0.0.1:0', parse: parseEndpoint },
  level: { name: 'SIDETRACK_LEVEL', doc: 'how much', fallback: 'low', parse: parseChoice(['low', 'high']) },
  seconds: { name: 'SIDETRACK_SECONDS', doc: 'how long', fallback: undefined, parse: parseSeconds },
} as const

/** The message of the error that reading throws. */
function faults(environment: NodeJS.ProcessEnv): string {
  try {
    readConfig(SETTINGS, environment)
  } catch (error) {
    if (error instanceof SidetrackError && error.code === 'ST2001') return error.message
  }
  return 'no fault'
}

function file(t: Test, text: string): string {
  const path = `${t.testdir()}/sidetrack.env`
  writeFileSync(path, text)
  return path
}

t.test('what is not given has its default', async (t) => {
  t.strictSame(readConfig(SETTINGS, { SIDETRACK_SECONDS: '1.5', PATH: '/bin' }), {
    endpoint: { host: '127.0.0.1', port: 0 },
    level: 'low',
    seconds: 1.5,
  })
})

t.test('the environment wins over the file, and the file over defaults', async (t) => {
  const path = file(t, '# a comment\nSIDETRACK_LEVEL=high\nSIDETRACK_SECONDS=2\n')
  const config = readConfig(SETTINGS, { SIDETRACK_CONFIG: path, SIDETRACK_SECONDS: '3' })
  t.equal(config.level, 'high')
  t.equal(config.seconds, 3)
})

t.test('all faults are reported at once', async (t) => {
  const path = file(t, 'SIDETRACK_LEVEL=middle\nSIDETRACK_TYPO=1\n')
  const message = faults({ SIDETRACK_CONFIG: path, SIDETRACK_ENDPOINT: 'here', SIDETRACK_OTHER: 'x' })
  for (const part of [
    '5 faults',
    'SIDETRACK_ENDPOINT must be an address',
    'SIDETRACK_LEVEL must be one of low, high, not "middle"',
    'SIDETRACK_SECONDS is missing: how long',
    'SIDETRACK_TYPO is not a setting',
    'SIDETRACK_OTHER is not a setting',
  ])
    t.match(message, part)
})

t.test('what a Service named sidetrack-… brings into a pod is no fault', async (t) => {
  const links = {
    SIDETRACK_WEBHOOK_SERVICE_HOST: '10.96.0.7',
    SIDETRACK_WEBHOOK_SERVICE_PORT: '443',
    SIDETRACK_WEBHOOK_SERVICE_PORT_HTTPS: '443',
    SIDETRACK_WEBHOOK_PORT: 'tcp://10.96.0.7:443',
    SIDETRACK_WEBHOOK_PORT_443_TCP: 'tcp://10.96.0.7:443',
    SIDETRACK_WEBHOOK_PORT_443_TCP_ADDR: '10.96.0.7',
  }
  t.equal(faults({ ...links, SIDETRACK_SECONDS: '1' }), 'no fault')
  t.match(faults({ ...links, SIDETRACK_SECONDS: '1', SIDETRACK_WEBHOOKS: 'x' }), 'SIDETRACK_WEBHOOKS is not a setting')
  t.match(faults({ SIDETRACK_SECONDS: '1', SIDETRACK_WEBHOOK_PORT: 'x' }), 'SIDETRACK_WEBHOOK_PORT is not a setting')
})

t.test('what every container of a fork has is no fault', async (t) => {
  const fork = { SIDETRACK_SANDBOX: 'pr-42', SIDETRACK_ROUTING_KEY: 'pr-42' }
  t.equal(faults({ ...fork, SIDETRACK_SECONDS: '1' }), 'no fault')
})

t.test('a file that cannot be read is a fault beside the others', async (t) => {
  const path = file(t, '')
  rmSync(path)
  const message = faults({ SIDETRACK_CONFIG: path })
  t.match(message, 'SIDETRACK_CONFIG names a file that cannot be read')
  t.match(message, 'SIDETRACK_SECONDS is missing')
})

t.test('a long wrong value is cut in its message', async (t) => {
  t.ok(faults({ SIDETRACK_SECONDS: 'x'.repeat(10_000) }).length < 500)
})

t.test('an endpoint is an address, localhost or a path', async (t) => {
  t.strictSame(parseEndpoint('10.0.0.1:80'), { host: '10.0.0.1', port: 80 })
  t.strictSame(parseEndpoint('[::1]:0'), { host: '::1', port: 0 })
  t.strictSame(parseEndpoint('localhost:65535'), { host: 'localhost', port: 65_535 })
  t.strictSame(parseEndpoint('unix:/run/a b.sock'), { path: '/run/a b.sock' })
  for (const text of [
    '',
    '80',
    ':80',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    'example.com:80',
    '::1:80',
    '[::1]',
    '[127.0.0.1]:80',
    '300.0.0.1:80',
    'unix:run',
    '127.0.0.1:80x',
    '127.0.0.1:-1',
    '127.0.0.1:080',
  ])
    t.throws(() => parseEndpoint(text), /must be an address/, text)
})

t.test('a server may also be at every address', async (t) => {
  t.strictSame(parseServer('*:8443'), { host: '*', port: 8443 })
  t.strictSame(parseServer('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
  for (const text of ['*', '*:', '*:65536', '*:1.5', '*:x'])
    t.throws(() => parseServer(text), /must be an address/, text)
})

t.test('seconds are a number up to an hour', async (t) => {
  t.equal(parseSeconds('0'), 0)
  t.equal(parseSeconds('3600'), 3600)
  for (const text of ['', ' ', '-1', '3601', 'x', '1s', 'Infinity', 'NaN']) t.throws(() => parseSeconds(text), text)
})
