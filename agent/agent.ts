// Puts the agent together: routes from a file, a stream for each sidecar, the admin server.

import { rmSync } from 'node:fs'
import net from 'node:net'
import type { AgentEvent, Listen } from '../core/agent-event.ts'
import { type Admin, startAdmin } from '../runtime/admin.ts'
import type { Config } from '../runtime/config.ts'
import { listen } from '../runtime/listen.ts'
import type { Log } from '../runtime/log.ts'
import { Readiness } from '../runtime/readiness.ts'
import { VERSION } from '../runtime/version.ts'
import type { AGENT_SETTINGS } from './config.ts'
import { followRoutesFile } from './file/source.ts'
import { Hub } from './hub.ts'
import { createMetrics } from './metrics.ts'
import { SidecarLink, readHello } from './sidecar-link.ts'
import { tablesPage, sidecarsPage } from './pages.ts'

export interface Agent {
  readonly admin: string
  readonly listens: string
  stop(): void
}

/** Resolves when it listens and has the file's routes. `tell` hears what the program that started it should know. */
export async function startAgent(
  config: Config<typeof AGENT_SETTINGS>,
  log: Log,
  signal: AbortSignal,
  tell: (event: AgentEvent) => void,
): Promise<Agent> {
  const readiness = new Readiness()
  const hub = new Hub()
  const metrics = createMetrics(hub)
  const server = net.createServer({ noDelay: true })
  if ('path' in config.listen) rmSync(config.listen.path, { force: true })
  let changedAt = performance.now()
  let announced = -1
  let admin: Admin | undefined

  const settle = () => {
    for (const sidecar of hub.sidecars) {
      const missing = whyNot(hub.link(sidecar))
      if (missing === undefined) readiness.done(`sidecar ${sidecar}`)
      else readiness.pending(`sidecar ${sidecar}`, missing)
    }
    if (announced === hub.revision || !hub.sidecars.every((sidecar) => whyNot(hub.link(sidecar)) === undefined)) return
    announced = hub.revision
    const milliseconds = performance.now() - changedAt
    tell({ event: 'programmed', revision: announced, milliseconds, listens: listens(hub) })
    log.info({ revision: announced, milliseconds: Math.round(milliseconds * 10) / 10 }, 'in force in every sidecar')
  }

  const accept = (socket: net.Socket) => {
    let link: SidecarLink | undefined
    const faulty = (error: unknown) =>
      log.error({ err: error, sidecar: link?.hello.hello, code: 'ST2005' }, 'a sidecar sent what makes no sense')
    socket
      .on('error', () => {})
      .on('close', () => {
        if (link === undefined) return
        hub.disconnect(link)
        log.info({ sidecar: link.hello.hello, pid: link.hello.pid }, 'sidecar disconnected')
        settle()
      })
    readHello(
      socket,
      (hello) => {
        if (hello.version !== VERSION)
          log.warn({ sidecar: hello.hello, version: hello.version, code: 'ST2005' }, 'a sidecar of another version')
        log.info({ sidecar: hello.hello, pid: hello.pid }, 'sidecar connected')
        let applied = -1
        const changed = (each: SidecarLink) => {
          if (each.appliedRevision > applied) {
            applied = each.appliedRevision
            if (each.upToDate) metrics.programmed((performance.now() - changedAt) / 1000)
          }
          for (const { listen: address, fault } of each.state?.listeners ?? []) {
            if (fault !== undefined) tell({ event: 'listener-fault', sidecar: hello.hello, listen: address, fault })
          }
          settle()
        }
        const events = { changed, faulty: (_: SidecarLink, error: unknown) => faulty(error) }
        link = hub.connect(
          hello.hello,
          (snapshot, revision) => new SidecarLink(socket, hello.hello, hello, snapshot, revision, events),
        )
        return link
      },
      faulty,
    )
  }

  server.on('connection', accept)
  try {
    let sources = 0
    followRoutesFile(config.file, readiness, log, signal, (desired) => {
      changedAt = performance.now()
      const changes = hub.replace(desired)
      if (sources++ > 0) log.info({ revision: hub.revision, changes }, 'routes file changed')
      for (const name of Object.keys(readiness.reasons())) {
        if (name.startsWith('sidecar ') && !hub.sidecars.includes(name.slice('sidecar '.length))) readiness.done(name)
      }
      if (admin !== undefined) tell({ event: 'sidecars', names: hub.sidecars, admin: admin.address })
      settle()
    })
    const where = await listen(server, config.listen, 'sidecars')
    admin = await startAdmin(config.admin, readiness, {
      '/metrics': { title: 'Prometheus metrics', content: () => metrics.text(), type: 'text/plain; version=0.0.4' },
      '/config': { title: 'the effective configuration', content: () => ({ version: VERSION, ...config }) },
      '/tables': { title: 'services, listeners and routes', content: () => tablesPage(hub) },
      '/sidecars': { title: 'the state of every sidecar', content: () => sidecarsPage(hub) },
    })
    tell({ event: 'sidecars', names: hub.sidecars, admin: admin.address })
    settle()
    log.info({ admin: admin.address, listen: where, sidecars: hub.sidecars }, 'agent started')
    const stop = () => {
      server.close()
      for (const sidecar of hub.sidecars) hub.link(sidecar)?.close()
      admin?.close()
    }
    return { admin: admin.address, listens: where, stop }
  } catch (error) {
    server.close()
    throw error
  }
}

/** Why a sidecar does not yet do what it should, or undefined. */
function whyNot(link: SidecarLink | undefined): string | undefined {
  if (link === undefined) return 'not connected'
  if (!link.upToDate) return `has revision ${link.appliedRevision} in force`
  const fault = link.state?.listeners.find((listener) => listener.fault !== undefined)
  if (fault !== undefined) return `cannot listen on ${fault.listen} for ${fault.service}: ${fault.fault}`
  return link.state === undefined ? 'has not reported yet' : undefined
}

function listens(hub: Hub): readonly Listen[] {
  const found: Listen[] = []
  for (const sidecar of hub.sidecars) {
    const entries = hub.entries(sidecar)
    for (const entry of entries) {
      if (entry.kind !== 'destination') continue
      const { service, listen: address, baseline } = entry
      const routes = entries.filter((each) => each.kind === 'route' && entry.tables.includes(each.table)).length
      found.push({ service, sidecar, listen: address, baseline, routes })
    }
  }
  return found
}
