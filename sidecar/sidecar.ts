// Puts the sidecar together: state from the agent's stream or from disk, listeners for its destinations, reports back.

import type { SidecarState as Report } from '../core/wire.ts'
import type { Config } from '../runtime/config.ts'
import type { Log } from '../runtime/log.ts'
import { VERSION } from '../runtime/version.ts'
import { AgentStream } from './agent-stream.ts'
import { Compilers } from './compilers.ts'
import type { SIDECAR_SETTINGS } from './config.ts'
import { Counters } from './counters.ts'
import { createDataPlane } from './data-plane.ts'
import { Listeners } from './listeners.ts'
import { Redirect } from './redirect.ts'
import { SidecarState } from './state.ts'
import { StartGarbage } from './start-garbage.ts'
import { TableCache } from './table-cache.ts'

/** One timer for everything that is done now and then: each costs an idle sidecar memory. The beat is one of these things. */
const TICK_MS = 1000

export interface Sidecar {
  /** Stops taking connections, finishes requests in progress, resolves when done or after the configured time. */
  drain(): Promise<void>
}

export function startSidecar(config: Config<typeof SIDECAR_SETTINGS>, log: Log, signal: AbortSignal): Sidecar {
  const intercepts = config.mode === 'intercept'
  const counters = new Counters()
  const state = new SidecarState(config.carriers, counters)
  const limits = { connections: config.maxConnections, buffered: config.maxBuffered }
  const plane = createDataPlane(config.carriers, counters, log, {
    intercepts,
    limits,
    traced: (hop) => stream.send({ hop }),
  })
  const listeners = new Listeners(plane, state.destinations, intercepts, () => report())
  const cache = config.cache === '' ? undefined : new TableCache(config.cache, log, counters)
  const redirect = intercepts ? new Redirect(config.cache, counters) : undefined
  let listening = Promise.resolve()
  let draining = false
  let last = ''

  /** Listens for the destinations that there are now. */
  const listen = async () => {
    if (draining) return
    await listeners.reconcile()
    beat()
    report(true)
  }
  /** Only while intercepted calls are taken, which they are once there is a table. */
  const beat = () => {
    if (listeners.intercepting && !draining) redirect?.beat()
  }
  const stream = new AgentStream(
    config.agent,
    { hello: config.name, version: VERSION, pid: process.pid },
    {
      replace(tables, revision) {
        state.replace(tables, revision)
        cache?.replace(tables, revision)
        log.info({ revision, destinations: state.destinations.size }, 'table in force')
        listening = listen()
      },
      apply(changes, revision) {
        const others = state.apply(changes, revision)
        cache?.append(changes, revision)
        if (others) listening = listen()
      },
      redirected(inForce) {
        redirect?.tell(inForce)
        report()
      },
      async settled() {
        await listening
        await cache?.persisted()
      },
    },
    log,
  )

  const report = (always = false) => {
    if (state.revision === undefined) return
    const figures: Report = {
      revision: state.revision,
      listeners: listeners.states(),
      connections: listeners.connections,
      draining,
      redirected: redirect?.inForce === true,
      ...counters.figures(),
      events: counters.events,
      rss: 0,
    }
    const text = JSON.stringify(figures)
    if (!always && text === last) return
    last = text
    stream.send({ state: { ...figures, rss: process.memoryUsage.rss() } })
  }

  const kept = cache?.load()
  if (kept !== undefined) {
    state.replace(kept.tables, kept.revision)
    log.info({ revision: kept.revision, destinations: state.destinations.size }, 'kept table in force')
    listening = listen()
  }
  const compilers = new Compilers()
  const startGarbage = new StartGarbage(globalThis.gc)
  const timer = setInterval(() => {
    beat()
    compilers.tick(counters.forwarded)
    startGarbage.tick(counters.forwarded)
    listeners.tick()
    report()
  }, TICK_MS)
  stream.start(signal)

  return {
    async drain() {
      draining = true
      report(true)
      // New calls come until the kernel stops redirecting them; whoever is refused then has lost one.
      await redirect?.stop()
      clearInterval(timer)
      await listeners.drain(config.drain * 1000)
    },
  }
}
