import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { planShop, portsOf } from '../../examples/shop/plan.ts'

const MAIN = fileURLToPath(new URL('../../examples/shop/main.ts', import.meta.url))
const ROUTES = fileURLToPath(new URL('../../examples/shop/shop.yaml', import.meta.url))

function listen(port: number): Promise<Server | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

/** The ports of a shop at `offset` that somebody listens on. */
async function takenPorts(offset: number): Promise<readonly number[]> {
  const taken: number[] = []
  for (const port of portsOf(planShop(offset)).keys()) {
    const server = await listen(port)
    if (server === undefined) taken.push(port)
    else await new Promise((resolve) => server.close(resolve))
  }
  return taken
}

/** Where nobody listens, and below the ports that the system hands out to clients. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = 1500 + Math.floor(Math.random() * 22_000)
    if ((await takenPorts(offset)).length === 0) return offset
  }
}

interface Demo {
  readonly child: ChildProcess
  readonly offset: number
  /** Where it puts temporary files. */
  readonly folder: string
  /** Resolves when its output holds `text`; rejects if it ends before. */
  says(text: string): Promise<void>
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

async function startDemo(t: Test, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const offset = await freeOffset()
  const folder = mkdtempSync(join(tmpdir(), 'demo-'))
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, SHOP_PORT_OFFSET: String(offset), NODE_OPTIONS: '', TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { out: '', err: '' }
  let changed: (() => void) | undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text
    changed?.()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text))
  let over = false
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    over = true
    changed?.()
    return { code: code ?? null, ...output }
  })
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true })
  })
  return {
    child,
    offset,
    folder,
    ended,
    async says(text) {
      while (!output.out.includes(text)) {
        if (over) throw new Error(`it ended before it said "${text}": ${output.out}${output.err}`)
        await new Promise<void>((resolve) => (changed = resolve))
      }
    },
  }
}

/** A killed demo's children end a moment after it. */
async function allPortsFree(t: Test, offset: number): Promise<void> {
  const deadline = Date.now() + 8000
  let taken = await takenPorts(offset)
  while (taken.length > 0 && Date.now() < deadline) {
    await sleep(50)
    taken = await takenPorts(offset)
  }
  t.same(taken, [], 'nobody listens on any port of the shop')
}

t.test('the tour goes where it must, says so, and leaves nothing behind', async (t) => {
  const demo = await startDemo(t, ['--once'])
  const { code, out, err } = await demo.ended
  t.equal(code, 0, out + err)
  t.match(out, /both forks +sidetrack=pr-42\.pr-57 +baseline +pr-42 +pr-57 +baseline +200 .* ok\n/)
  t.match(out, /fork is down +sidetrack=pr-99 +baseline +ST1102 +- +- +503 .* ok\n/)
  t.match(out, /fork not ready +sidetrack=pr-13 +baseline +baseline +ST1101 +baseline +503 .* ok\n/)
  t.match(out, /(\d+) of \1 requests went where they must/)
  t.notOk(out.includes('\u001B'), 'no colours in a pipe')
  t.equal(err, '')
  await allPortsFree(t, demo.offset)
  t.same(readdirSync(demo.folder), [], 'no temporary file')
})

t.test('the tour fails, and names the hop, if routes send a key to the wrong variant', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'routes-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const routes = join(folder, 'wrong.yaml')
  writeFileSync(routes, readFileSync(ROUTES, 'utf8').replace('127.0.0.1:8101', '127.0.0.1:8001'))
  const demo = await startDemo(t, ['--once', '--routes', routes])
  const { code, out } = await demo.ended
  t.equal(code, 1)
  t.match(out, /fork of cart: cart: baseline; it must be pr-42\n/)
  t.match(out, /both forks: cart: baseline; it must be pr-42\n/)
  t.match(out, /7 of 10 requests went where they must/)
  await allPortsFree(t, demo.offset)
})

t.test('requests are shown as they happen, a dead fork is announced, and Ctrl-C ends it all', async (t) => {
  const demo = await startDemo(t, [])
  await demo.says('Ctrl-C')
  const url = `http://127.0.0.1:${7000 + demo.offset}/`
  const ask = async (key: string) => (await fetch(url, { headers: { baggage: `sidetrack=${key}` } })).text()
  t.match(JSON.parse(await ask('pr-42')), { total: '96.90 EUR' })
  await demo.says('storefront[baseline] → cart[pr-42] ')

  const fork = processOn(8101 + demo.offset)
  if (fork === undefined) t.comment('no ss here: skips the death of a fork')
  else {
    process.kill(fork, 'SIGKILL')
    await demo.says('cart[pr-42] was ended by SIGKILL')
    t.match(JSON.parse(await ask('pr-42')), { error: /ST1102/ })
    await demo.says('cart ✗ ST1102')
  }
  t.match(JSON.parse(await ask('pr-57')), { total: '99.35 EUR' })

  demo.child.kill('SIGINT')
  const { code, err } = await demo.ended
  t.equal(code, 0)
  t.equal(err, '')
  await allPortsFree(t, demo.offset)
})

t.test('a key moves when the routes file is edited, and a broken edit is announced and changes nothing', async (t) => {
  const demo = await startDemo(t, [])
  await demo.says('Ctrl-C')
  const ask = async () => {
    const headers = { baggage: 'sidetrack=pr-99' }
    return (await fetch(`http://127.0.0.1:${7000 + demo.offset}/`, { headers })).status
  }
  const copy = readdirSync(demo.folder).find((name) => name.startsWith('shop-'))
  const routes = join(demo.folder, copy ?? '', 'shop.yaml')
  const text = readFileSync(routes, 'utf8')
  t.equal(await ask(), 503)
  writeFileSync(routes, text.replace(`127.0.0.1:${8199 + demo.offset}`, `127.0.0.1:${8101 + demo.offset}`))
  await demo.says('in force in every sidecar')
  t.equal(await ask(), 200)
  writeFileSync(routes, `${text}\n- broken: [`)
  await demo.says('routes file refused')
  t.equal(await ask(), 200)
})

/** Who listens on `port`, if the system has `ss` to tell. */
function processOn(port: number): number | undefined {
  const { stdout } = spawnSync('ss', ['-Hltnp', `sport = :${port}`], { encoding: 'utf8' })
  const pid = /pid=(\d+)/.exec(stdout ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}

t.test('a demo that is killed leaves no process behind either', async (t) => {
  const demo = await startDemo(t, [])
  await demo.says('Ctrl-C')
  demo.child.kill('SIGKILL')
  await demo.ended
  await allPortsFree(t, demo.offset)
})

t.test('a port that is taken is one line, a non-zero exit, and nothing half started', async (t) => {
  const offset = await freeOffset()
  for (const port of [7002 + offset, 8102 + offset, 8199 + offset]) {
    const squatter = await listen(port)
    const demo = await startDemo(t, ['--once'], { SHOP_PORT_OFFSET: String(offset) })
    const { code, out, err } = await demo.ended
    await new Promise((resolve) => squatter?.close(resolve))
    t.equal(code, 1)
    t.equal(out, '')
    t.match(err, new RegExp(`^shop: 127\\.0\\.0\\.1:${port} \\(.+\\) is taken: .+\n$`))
    await allPortsFree(t, offset)
  }
})

t.test('a routes file that is missing or broken is told in plain words, and nothing is left', async (t) => {
  const missing = await startDemo(t, ['--once', '--routes', '/nonexistent.yaml'])
  t.match(await missing.ended, { code: 1, out: '', err: /^shop: the routes file cannot be read: .+\n$/ })

  const folder = mkdtempSync(join(tmpdir(), 'routes-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'broken.yaml'), 'services: [')
  const broken = await startDemo(t, ['--once', '--routes', join(folder, 'broken.yaml')])
  t.match(await broken.ended, {
    code: 1,
    out: '',
    err: /^shop: sidetrack ended with exit code [1-9]\d* before it was ready\n/,
  })
  await allPortsFree(t, broken.offset)
})

t.test('an unknown option is one line and exit 64; --help explains', async (t) => {
  const unknown = await startDemo(t, ['--twice'])
  t.match(await unknown.ended, { code: 64, out: '', err: /^shop: .*--twice.*\n$/ })
  const help = await startDemo(t, ['--help'])
  t.match(await help.ended, { code: 0, out: /--once/, err: '' })
  t.ok(existsSync(ROUTES))
})
