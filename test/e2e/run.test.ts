// `sidetrack run FILE` as a user meets it: routing, edits, faults, ends.

import { once } from 'node:events'
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t, { type Test } from 'tap'
import { freePorts } from '../fixtures/free-port.ts'
import { send, startLoad } from '../fixtures/load.ts'
import { sidetrack } from '../fixtures/sidetrack-process.ts'
import { until } from '../fixtures/until.ts'
import { variantServer } from '../fixtures/variant-server.ts'

const KEYED = { baggage: 'userId=alice,sidetrack=pr-42' }

interface Setup {
  readonly file: string
  readonly url: string
  readonly port: number
  readonly fork: string
  readonly other: string
  /** Writes the file as an editor does: beside it, then over it. */
  readonly route: (address: string) => void
}

async function setup(t: Test, hold?: Promise<unknown>): Promise<Setup> {
  const [baseline, fork, other] = await Promise.all(
    ['baseline', 'fork', 'other'].map((name) => variantServer(t, name, hold)),
  )
  const [port = 0] = await freePorts(1)
  const file = path.join(t.testdir({}), 'shop.yaml')
  const write = (address: string | undefined) => {
    const routes = address === undefined ? '' : `  routes: [{key: pr-42, address: "${address}"}]\n`
    writeFileSync(
      `${file}.new`,
      `services:\n- name: cart\n  listen: 127.0.0.1:${port}\n  baseline: ${baseline?.address}\n${routes}`,
    )
    renameSync(`${file}.new`, file)
  }
  write(fork?.address)
  return {
    file,
    url: `http://127.0.0.1:${port}/`,
    port,
    fork: fork?.address ?? '',
    other: other?.address ?? '',
    route: write,
  }
}

t.test('keyed requests reach the fork, all others the baseline', async (t) => {
  const { file, url } = await setup(t)
  await sidetrack(t, 'run', file).ready()
  t.equal(await send(url), 'baseline')
  t.equal(await send(url, KEYED), 'fork')
  t.equal(await send(url, { baggage: 'sidetrack=pr-7' }), 'baseline')
})

t.test('an edit of the file moves the traffic and loses no request', async (t) => {
  const { file, url, fork, other, route } = await setup(t)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  const keyed = startLoad(url, KEYED, 8)
  const plain = startLoad(url, {}, 8)
  await until(() => keyed.outcomes.length > 100)
  for (let edit = 0; edit < 6; edit++) {
    route(edit % 2 === 0 ? other : fork)
    const expected = edit % 2 === 0 ? 'other' : 'fork'
    const before = keyed.outcomes.length
    await until(
      () => keyed.outcomes.length > before + 16 && keyed.outcomes.slice(-16).every(({ answer }) => answer === expected),
    )
  }
  await Promise.all([keyed.stop(), plain.stop()])
  t.ok(plain.outcomes.every(({ answer }) => answer === 'baseline'))
  t.ok(keyed.outcomes.every(({ answer }) => answer === 'fork' || answer === 'other'))
})

t.test('a broken file changes nothing, and the log and /readyz say where it is broken', async (t) => {
  const { file, url, fork, route } = await setup(t)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  t.match(await program.page('/readyz'), { status: 200, body: { ready: true } })
  writeFileSync(file, 'services:\n- name: cart\n  listen: nowhere\n')
  await until(async () => (await program.page('/readyz')).status === 503)
  t.match(await program.page('/readyz'), {
    body: { ready: false, missing: { 'routes-file': /shop\.yaml:3:11: `listen` must be IP:PORT/ } },
  })
  await until(() => program.output.stderr.includes('routes file refused'))
  t.match(program.output.stderr, /"line":3,"column":11/)
  t.equal(await send(url, KEYED), 'fork')
  route(fork)
  await until(async () => (await program.page('/readyz')).status === 200)
})

t.test('the admin server shows tables, sidecars, configuration and metrics', async (t) => {
  const { file, url, port } = await setup(t)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  await send(url, KEYED)
  t.match(await program.page('/tables'), {
    body: [{ sidecar: 'sidecar', services: [{ service: 'cart', routes: [{ key: 'pr-42' }] }] }],
  })
  await until(async () =>
    /sidetrack_requests_total\{.*outcome="fork"\} 1/.test(String((await program.page('/metrics')).body)),
  )
  t.match(await program.page('/sidecars'), { body: [{ upToDate: true, listeners: [{ listen: `127.0.0.1:${port}` }] }] })
  t.match(await program.page('/config'), { body: { file } })
  t.match(await program.page('/healthz'), { status: 200, body: 'ok\n' })
  t.match(await program.page('/nothing'), { status: 404 })
})

t.test('without its agent a sidecar keeps routing; a new agent takes over and changes hold again', async (t) => {
  const { file, url, other, route } = await setup(t)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  const load = startLoad(url, KEYED, 4)
  process.kill(childOf(program.child.pid, 'agent/main'), 'SIGKILL')
  await until(() => program.output.stderr.includes('the agent ended'))
  route(other)
  await until(() => load.outcomes.at(-1)?.answer === 'other')
  await load.stop()
  t.ok(load.outcomes.every(({ answer }) => answer === 'fork' || answer === 'other'))
})

t.test('a sidecar that dies is started again with the same routes', async (t) => {
  const { file, url } = await setup(t)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  process.kill(childOf(program.child.pid, 'sidecar/main'), 'SIGKILL')
  await until(() => program.output.stderr.includes('sidecar sidecar ended'))
  await until(async () => (await send(url, KEYED).catch(() => '')) === 'fork')
  t.equal(await send(url), 'baseline')
})

t.test('SIGTERM lets requests in progress finish and takes no new connection', async (t) => {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  const { file, url, port } = await setup(t, hold)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  const answer = send(url, KEYED)
  await until(async () => /"connections": 1/.test(JSON.stringify((await program.page('/sidecars')).body, undefined, 1)))
  program.child.kill('SIGTERM')
  await until(async () => !(await accepts(port)))
  release()
  t.equal(await answer, 'fork')
  t.equal(await program.ended, 0)
})

t.test('nothing stays behind when the program is killed', async (t) => {
  const { file, port } = await setup(t)
  const program = sidetrack(t, 'run', file)
  await program.ready()
  program.child.kill('SIGKILL')
  await until(async () => !(await accepts(port)))
  t.pass('the sidecar ended on its own')
})

t.test('a port that is taken is one clear line, and nothing is left half started', async (t) => {
  const { file, port } = await setup(t)
  const taken = net.createServer().listen(port, '127.0.0.1')
  await once(taken, 'listening')
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('sidetrack-')).length
  const program = sidetrack(t, 'run', file)
  t.equal(await program.ended, 1)
  taken.close()
  t.match(
    program.output.stderr,
    new RegExp(`sidetrack: sidecar sidecar cannot listen on 127.0.0.1:${port}: the address is in use \\(ST2004\\)`),
  )
  t.notMatch(program.output.stderr, /\n +at /)
  t.equal(program.output.stdout, '')
  t.ok(readdirSync(tmpdir()).filter((name) => name.startsWith('sidetrack-')).length <= before + 4)
})

const FAULTS: readonly (readonly [
  fact: string,
  args: (dir: string) => readonly string[],
  code: number,
  line: RegExp,
])[] = [
  ['a file that is not there', (dir) => ['run', `${dir}/none.yaml`], 1, /cannot read .*none\.yaml: ENOENT.*\(ST2002\)/],
  ['a folder for a file', (dir) => ['run', dir], 1, /cannot read .*EISDIR.*\(ST2002\)/],
  ['an invalid file', (dir) => ['run', `${dir}/bad.yaml`], 1, /bad\.yaml:1:1: expected `services:`.*\(ST2003\)/],
  ['an unknown option', (dir) => ['run', '--fast', `${dir}/bad.yaml`], 64, /unknown option '--fast'/],
  ['an unknown command', () => ['walk'], 64, /unknown command 'walk'/],
  ['no file', () => ['run'], 64, /missing required argument 'file'/],
  [
    'an admin address that is none',
    (dir) => ['run', '--admin', 'nowhere', `${dir}/good.yaml`],
    64,
    /SIDETRACK_ADMIN must be an address.*\(ST2001\)/s,
  ],
  ['an unknown log level', (dir) => ['run', '--log-level', 'loud', `${dir}/good.yaml`], 64, /Allowed choices are/],
]

for (const [fact, args, code, line] of FAULTS) {
  t.test(`${fact} is a clear line and exit code ${code}`, async (t) => {
    const dir = t.testdir({
      'bad.yaml': '- 1\n',
      'good.yaml': 'services: [{name: a, listen: "127.0.0.1:1", baseline: "127.0.0.1:2"}]\n',
    })
    const program = sidetrack(t, ...args(dir))
    t.equal(await program.ended, code)
    t.match(program.output.stderr, line)
    t.notMatch(program.output.stderr, /\n +at /)
  })
}

/** The pid of the child of `parent` whose command line names `program`. */
function childOf(parent: number | undefined, program: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      if (status.includes(`\nPPid:\t${parent}\n`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program))
        return Number(pid)
    } catch {
      // it has ended meanwhile
    }
  }
  throw new Error(`no ${program} below ${parent}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
