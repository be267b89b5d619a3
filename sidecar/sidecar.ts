// Puts the sidecar together: state from the agent's stream, listeners for its destinations, reports back.

import type { SidecarState as Report } from '../core/wire.ts'
import type { Config } from '../runtime/config.ts'
import type { Log } from '../runtime/log.ts'
import { VERSION } from '../runtime/version.ts'
import { AgentStream } from './agent-stream.ts'
import type { SIDECAR_SETTINGS } from './config.ts'
import { Counters } from './counters.ts'
import { createDataPlane } from './data-plane.ts'
import { Listeners } from './listeners.ts'
import { SidecarState } from './state.ts'

/** One timer for everything that is done now and then: each costs an idle sidecar memory. */
const TICK_MS = 1000

export interface Sidecar {
  /** Stops taking connections, finishes requests in progress, resolves when done or after the configured time. */
  drain(): Promise<void>
}

export function startSidecar(config: Config<typeof SIDECAR_SETTINGS>, log: Log, signal: AbortSignal): Sidecar {
  const counters = new Counters()
  const state = new SidecarState(config.carriers, counters)
  const listeners = new Listeners(createDataPlane(config.carriers, counters, log), () => report())
  let draining = false
  let redirected = false
  let last = ''

  /** The revision is confirmed only when its destinations are listened on: then it is in force. */
  const confirm = async (revision: number) => {
    await listeners.reconcile(state.destinations)
    stream.send({ applied: revision })
    report(true)
  }
  const stream = new AgentStream(
    config.agent,
    { hello: config.name, version: VERSION, pid: process.pid },
    {
      replace(tables, revision) {
        state.replace(tables, revision)
        log.info({ revision, destinations: state.destinations.size }, 'table in force')
        void confirm(revision)
      },
      apply(changes, revision) {
        state.apply(changes, revision)
        void confirm(revision)
      },
      redirected(inForce) {
        redirected = inForce
        report()
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
      redirected,
      requests: counters.requests(),
      inbound: {},
      copied: {},
      events: counters.events,
      rss: 0,
    }
    const text = JSON.stringify(figures)
    if (!always && text === last) return
    last = text
    stream.send({ state: { ...figures, rss: process.memoryUsage.rss() } })
  }
  const timer = setInterval(() => {
    listeners.tick()
    report()
  }, TICK_MS)
  stream.start(signal)

  return {
    async drain() {
      draining = true
      report(true)
      clearInterval(timer)
      await listeners.drain(config.drain * 1000)
    },
  }
}
