// The running shop: a process per variant of each service, and Sidetrack in front of them. All of it starts, or none.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, type ChildOptions, programFile, startChild } from './child.ts'
import { environmentOf, HOST, labelOf, planShop, portsOf, type ServicePlan, shiftPorts } from './plan.ts'
import { parseSpan, type Span } from './services/span.ts'

export const SIDETRACK = 'sidetrack'
const START_PATIENCE_MS = 20_000
const STOP_PATIENCE_MS = 5000

export interface ShopOptions {
  /** The routes file that Sidetrack runs. */
  readonly routes: string
  /** Added to every port, in the routes file as well. */
  readonly portOffset: number
  readonly signal: AbortSignal
  onSpan(span: Span): void
  /** A line that a part of the shop wrote to stderr. */
  onErrorLine(label: string, line: string): void
  /** A part ended that should not have; the others still run. */
  onDeath(label: string, how: string): void
}

export interface Shop {
  readonly plan: readonly ServicePlan[]
  /** The routes file in force: the one given, or its copy with other ports. */
  readonly routes: string
  stop(): Promise<void>
}

/** A reason not to start that a person can do something about. */
export class ShopError extends Error {}

export async function startShop(options: ShopOptions): Promise<Shop> {
  const plan = planShop(options.portOffset)
  await checkPorts(portsOf(plan))
  const routes = await routesFile(options.routes, options.portOffset)
  const children: Child[] = []
  // The last resort, should the demo end by an error of its own.
  const killAll = () => children.forEach((child) => child.kill())
  process.on('exit', killAll)
  let state: 'starting' | 'running' | 'stopping' = 'starting'

  const stop = async () => {
    state = 'stopping'
    await Promise.all(children.map((child) => child.stop(STOP_PATIENCE_MS)))
    process.off('exit', killAll)
    await routes.remove()
  }

  const watch = async (child: Child, lastWords: readonly string[], reject: (reason: ShopError) => void) => {
    const how = await child.ended
    if (state === 'running') options.onDeath(child.label, how)
    reject(new ShopError([`${child.label} ${how} before it was ready`, ...lastWords.slice(-5)].join('\n  ')))
  }

  const start = (child: Omit<ChildOptions, 'onLine' | 'onErrorLine'>, isReady: (line: string) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const lastWords: string[] = []
      const started = startChild({
        ...child,
        onLine(line) {
          const span = parseSpan(line)
          if (span !== undefined) options.onSpan(span)
          else if (isReady(line)) resolve()
        },
        onErrorLine(line) {
          if (state === 'starting') lastWords.push(line)
          else if (state === 'running') options.onErrorLine(child.label, line)
        },
      })
      children.push(started)
      void watch(started, lastWords, reject)
    })

  try {
    const services = plan
      .flatMap(({ runs }) => runs)
      .map((run) =>
        start(
          { label: labelOf(run), program: programFile(`./services/${run.program}`), env: environmentOf(run, plan) },
          (line) => line.startsWith('{"listening"'),
        ),
      )
    const sidetrack = start(
      { label: SIDETRACK, program: programFile('../../cli/main'), args: ['run', routes.path] },
      (line) => line.startsWith('ready'),
    )
    await orGiveUp(Promise.all([...services, sidetrack]), options.signal)
    state = 'running'
    return { plan, routes: routes.path, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function orGiveUp(ready: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const giveUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ShopError(`not ready after ${START_PATIENCE_MS / 1000} s`)), START_PATIENCE_MS)
    signal.addEventListener('abort', () => reject(new ShopError('interrupted')), { once: true })
    if (signal.aborted) reject(new ShopError('interrupted'))
  })
  try {
    await Promise.race([ready, giveUp])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks before anything is started, so that a shop that cannot run leaves no trace of an attempt. */
async function checkPorts(ports: ReadonlyMap<number, string>): Promise<void> {
  const taken: string[] = []
  for (const [port, owner] of ports) {
    if (!(await isFree(port))) taken.push(`${HOST}:${port} (${owner})`)
  }
  const [first, ...more] = taken
  if (first === undefined) return
  const [what, it] = more.length === 0 ? ['is', 'it'] : [`and ${more.length} more of the shop's ports are`, 'them']
  throw new ShopError(`${first} ${what} taken: free ${it} (ss -ltnp names the owner), or set SHOP_PORT_OFFSET=10000`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, HOST, () => probe.close(() => resolve(true)))
  })
}

async function routesFile(path: string, offset: number): Promise<{ path: string; remove(): Promise<void> }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new ShopError(`the routes file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (offset === 0) return { path, remove: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const copy = join(folder, 'shop.yaml')
  await writeFile(copy, shiftPorts(text, offset))
  return { path: copy, remove: () => rm(folder, { recursive: true, force: true }) }
}
