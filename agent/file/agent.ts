// The agent of one machine without Kubernetes: routes from a file, one socket for all sidecars, which say who they are.

import { rmSync } from 'node:fs'
import net from 'node:net'
import type { AgentEvent, Listen } from '../../core/agent-event.ts'
import type { Admin } from '../../runtime/admin.ts'
import { listen } from '../../runtime/listen.ts'
import type { LevelledLog } from '../../runtime/log.ts'
import { Readiness } from '../../runtime/readiness.ts'
import { acceptSidecar } from '../accept.ts'
import { startAgentAdmin } from '../admin.ts'
import type { AgentConfig } from '../config.ts'
import { Confirmations } from '../confirmations.ts'
import { HopLog } from '../hop-log.ts'
import { Hub } from '../hub.ts'
import { createMetrics } from '../metrics.ts'
import type { SidecarLink } from '../sidecar-link.ts'
import { followRoutesFile } from './source.ts'

export interface FileAgent {
  stop(): void
}

/** Resolves when it listens and has the file's routes. `tell` hears what the program that started it should know. */
export async function startFileAgent(
  config: AgentConfig,
  log: LevelledLog,
  signal: AbortSignal,
  tell: (event: AgentEvent) => void,
): Promise<FileAgent> {
  const readiness = new Readiness()
  const hub = new Hub()
  const metrics = createMetrics(hub)
  const confirmations = new Confirmations(metrics.programmed)
  const hops = new HopLog(log)
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

  const changed = (link: SidecarLink) => {
    confirmations.heard(link)
    for (const { listen: address, fault } of link.state?.listeners ?? []) {
      if (fault !== undefined) tell({ event: 'listener-fault', sidecar: link.sidecar, listen: address, fault })
    }
    settle()
  }
  server.on('connection', (socket) =>
    acceptSidecar(socket, { hub, log, hops, nameOf: ({ hello }) => hello, changed, lost: settle }),
  )
  try {
    let sources = 0
    followRoutesFile(config.file, readiness, log, signal, (desired) => {
      changedAt = performance.now()
      confirmations.changed()
      const changes = hub.replace(desired)
      if (sources++ > 0) log.info({ revision: hub.revision, changes }, 'routes file changed')
      for (const name of Object.keys(readiness.reasons())) {
        if (name.startsWith('sidecar ') && !hub.sidecars.includes(name.slice('sidecar '.length))) readiness.done(name)
      }
      if (admin !== undefined) tell({ event: 'sidecars', names: hub.sidecars, admin: admin.address })
      settle()
    })
    const where = await listen(server, config.listen, 'sidecars')
    admin = await startAgentAdmin(config, log, readiness, hub, metrics, hops)
    tell({ event: 'sidecars', names: hub.sidecars, admin: admin.address })
    settle()
    log.info({ admin: admin.address, listen: where, sidecars: hub.sidecars }, 'agent started')
    const stop = () => {
      server.close()
      for (const sidecar of hub.sidecars) hub.link(sidecar)?.close()
      admin?.close()
    }
    return { stop }
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
