// The running shop: a process per variant of each service, and Sidetrack in front of them. All of it starts, or none.

import { type Child, type ChildOptions, programFile, startChild } from './child.ts'
import { environmentOf, labelOf, planShop, portsOf, type Run, type ServicePlan } from './plan.ts'
import { checkPorts } from './ports.ts'
import { routesFile } from './routes-file.ts'
import { parseSpan, type Span } from './services/span.ts'
import { ShopError } from './shop-error.ts'

export const SIDETRACK = 'sidetrack'
const START_PATIENCE_MS = 20_000
/** How long Sidetrack lets requests in progress finish, in seconds; then everything gets a moment more before it is killed. */
const DRAIN_SECONDS = 2
const STOP_PATIENCE_MS = DRAIN_SECONDS * 1000 + 3000

export interface ShopOptions {
  /** The routes file that Sidetrack runs. */
  readonly routes: string
  /** Added to every port, in the routes file as well. */
  readonly portOffset: number
  readonly signal: AbortSignal
  onSpan(span: Span): void
  /** A line that Sidetrack printed. */
  onNews(line: string): void
  /** A line that a part of the shop wrote to stderr. */
  onErrorLine(label: string, line: string): void
  /** A part ended that should not have; the others still run. */
  onDeath(label: string, how: string): void
}

export interface Shop {
  readonly plan: readonly ServicePlan[]
  /** The routes file in force: the one given, or its copy with other ports. */
  readonly routes: string
  /** Where Sidetrack shows its state. */
  readonly admin: string
  stop(): Promise<void>
}

/** Rejects with a ShopError, and nothing left running, if any part of it cannot start. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const plan = planShop(options.portOffset)
  await checkPorts(portsOf(plan), options.portOffset)
  const family = new Family(options)
  const routes = await routesFile(options.routes, options.portOffset)
  const stop = async () => {
    await family.stop()
    await routes.remove()
  }
  try {
    for (const run of plan.flatMap(({ runs }) => runs)) family.startService(run, plan)
    family.startSidetrack(routes.path)
    await family.whole(options.signal)
    return { plan, routes: routes.path, admin: family.admin, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The child processes. While they start, the death of one is the end of all; afterwards it is news. */
class Family {
  admin = ''
  readonly #options: ShopOptions
  readonly #children: Child[] = []
  readonly #unready = new Set<string>()
  readonly #start = Promise.withResolvers<void>()
  #state: 'starting' | 'running' | 'stopping' = 'starting'
  // The last resort, should the demo end by an error of its own.
  readonly #killAll = () => this.#children.forEach((child) => child.kill())

  constructor(options: ShopOptions) {
    this.#options = options
    process.on('exit', this.#killAll)
  }

  startService(run: Run, plan: readonly ServicePlan[]): void {
    const program = programFile(`./services/${run.program}`)
    this.#add({ label: labelOf(run), program, env: environmentOf(run, plan) }, '{"listening"', (line) => {
      const span = parseSpan(line)
      if (span !== undefined) this.#options.onSpan(span)
    })
  }

  startSidetrack(routes: string): void {
    const args = ['run', routes, '--drain', String(DRAIN_SECONDS)]
    this.#add({ label: SIDETRACK, program: programFile('../../cli/main'), args }, 'ready', (line) => {
      this.admin = /^admin +(\S+)/.exec(line)?.[1] ?? this.admin
      if (this.#state === 'running') this.#options.onNews(line)
    })
  }

  /** Resolves when every child has said that it is ready. */
  async whole(signal: AbortSignal): Promise<void> {
    const fail = (why: string) => this.#start.reject(new ShopError(why))
    const interrupt = () => fail('interrupted')
    signal.addEventListener('abort', interrupt)
    if (signal.aborted) interrupt()
    const timer = setTimeout(
      () => fail(`${[...this.#unready].join(', ')} not ready after ${START_PATIENCE_MS / 1000} s`),
      START_PATIENCE_MS,
    )
    try {
      await this.#start.promise
      this.#state = 'running'
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', interrupt)
    }
  }

  async stop(): Promise<void> {
    this.#state = 'stopping'
    await Promise.all(this.#children.map((child) => child.stop(STOP_PATIENCE_MS)))
    process.off('exit', this.#killAll)
  }

  #add(child: Omit<ChildOptions, 'onLine' | 'onErrorLine'>, ready: string, onLine: (line: string) => void): void {
    const { label } = child
    const lastWords: string[] = []
    this.#unready.add(label)
    const started = startChild({
      ...child,
      onLine: (line) => {
        onLine(line)
        if (this.#unready.has(label) && line.startsWith(ready)) this.#unready.delete(label)
        if (this.#unready.size === 0) this.#start.resolve()
      },
      onErrorLine: (line) => {
        if (this.#state === 'starting') lastWords.push(line)
        else if (this.#state === 'running') this.#options.onErrorLine(label, line)
      },
    })
    this.#children.push(started)
    void this.#watch(started, lastWords)
  }

  async #watch(child: Child, lastWords: readonly string[]): Promise<void> {
    const how = await child.ended
    if (this.#state === 'running') this.#options.onDeath(child.label, how)
    const why = [`${child.label} ${how} before it was ready`, ...lastWords.slice(-5)].join('\n  ')
    if (this.#state === 'starting') this.#start.reject(new ShopError(why))
  }
}
