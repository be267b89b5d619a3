// The sidecar of one pod as the agent sees it: a listener inside the pod, the connection that is the sidecar's, and as whom it runs.

import type net from 'node:net'
import type { Log } from '../../runtime/log.ts'
import { acceptSidecar } from '../accept.ts'
import type { HopLog } from '../hop-log.ts'
import type { Hub } from '../hub.ts'
import type { SidecarLink } from '../sidecar-link.ts'
import type { NamespaceListeners } from './namespace-listener.ts'
import type { NetworkNamespace } from './network-namespace.ts'
import type { SidecarFacts } from './pod-plan.ts'
import type { PodProcess } from './process-finder.ts'
import { connectionUser, sharedUser } from './users.ts'

export interface SidecarParts {
  /** Of the pod. */
  readonly name: string
  readonly hub: Hub
  readonly log: Log
  readonly hops: HopLog
  readonly listeners: NamespaceListeners
  /** The pod's processes that are in its network namespace, the best known one first. */
  readonly processes: () => Promise<readonly PodProcess[]>
  /** As whom the sidecar has to run, if the pod says so. */
  readonly wantedUser: () => number | undefined
  readonly changed: () => void
  /** It stood still for so long that the kernel did not redirect to it for a while. */
  readonly awoken: () => void
}

/** A sidecar that had no agent for a while tries again every 1.5 s at the latest. */
const AWAIT_MS = 5000

export class PodSidecar {
  readonly #parts: SidecarParts
  #server: net.Server | undefined
  #link: SidecarLink | undefined
  #awaited = true
  #wasConnected = false
  #user: number | undefined
  #fault: string | undefined
  #closed = false
  /** How often its beat came too late, of the process that is connected. */
  #late: { readonly pid: number; readonly count: number } | undefined

  constructor(parts: SidecarParts) {
    this.#parts = parts
  }

  get listening(): boolean {
    return this.#server !== undefined
  }

  get link(): SidecarLink | undefined {
    return this.#link
  }

  get wasConnected(): boolean {
    return this.#wasConnected
  }

  /** Whose calls are exempt from redirection: known as soon as it has connected. */
  get user(): number | undefined {
    return this.#user
  }

  /** Why the pod's calls must not be redirected. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** It has just been listened for, and may be on its way. */
  get awaited(): boolean {
    return this.#awaited
  }

  get facts(): SidecarFacts {
    const link = this.#link
    if (link === undefined) return { is: this.#awaited ? 'awaited' : 'away' }
    const { appliedRevision: applied, told } = link
    return { is: 'connected', applied, draining: link.state?.draining === true, told }
  }

  /** Throws ST2004 if the pod uses the port itself. */
  async listen(namespace: NetworkNamespace): Promise<void> {
    const server = await this.#parts.listeners.open(namespace, (socket) => void this.#accept(socket))
    if (this.#closed) {
      server.close()
      return
    }
    this.#server = server
    setTimeout(() => {
      this.#awaited = false
      this.#parts.changed()
    }, AWAIT_MS).unref()
  }

  /** Another container has started: it may run as the same user. */
  async checkUser(): Promise<void> {
    if (this.#user === undefined) return
    this.#setFault(await sharedUser(await this.#parts.processes(), this.#user))
  }

  /** Its listener would keep the namespace alive. */
  close(): void {
    this.#closed = true
    this.#server?.close()
    this.#link?.close()
  }

  async #accept(socket: net.Socket): Promise<void> {
    socket.on('error', () => {})
    socket.setNoDelay(true)
    const refusal = await this.#refusal(socket)
    if (refusal !== undefined) {
      // Another process of the pod may try as well: while the sidecar is there, that is nothing to speak of.
      if (this.#link === undefined) this.#setFault(refusal)
      socket.destroy()
    }
    // Nobody reads it: its other end would be gone without a word.
    if (this.#closed) socket.destroy()
    if (socket.destroyed) return
    const { name, hub, log, hops, changed } = this.#parts
    acceptSidecar(socket, {
      hub,
      log,
      hops,
      nameOf: () => name,
      changed: (link) => {
        this.#link = hub.link(name) ?? link
        this.#wasConnected = true
        this.#countBeats(link)
        changed()
      },
      lost: () => {
        this.#link = undefined
        this.#awaited = false
        changed()
      },
    })
  }

  /** Why a connection is not the sidecar's. Its user is the one that is exempt from now on. */
  async #refusal(socket: net.Socket): Promise<string | undefined> {
    const processes = await this.#parts.processes()
    const [one] = processes
    const user = one === undefined ? undefined : await connectionUser(one.pid, socket.remotePort ?? 0)
    if (user === undefined) {
      const { name, log } = this.#parts
      log.debug({ pod: name, processes: processes.length }, 'a connection that nobody has any more')
      socket.destroy()
      return undefined
    }
    const wanted = this.#parts.wantedUser()
    if (wanted !== undefined && wanted !== user) return `its sidecar runs as user ${user}, not ${wanted}`
    this.#user = user
    this.#setFault(await sharedUser(processes, user))
    return undefined
  }

  #countBeats({ hello, state }: SidecarLink): void {
    const late = state?.events['beat-late'] ?? 0
    const before = this.#late?.pid === hello.pid ? this.#late.count : 0
    this.#late = { pid: hello.pid, count: late }
    if (late > before) this.#parts.awoken()
  }

  #setFault(fault: string | undefined): void {
    if (this.#fault === fault) return
    this.#fault = fault
    if (fault !== undefined) this.#parts.log.warn({ pod: this.#parts.name }, `not redirected: ${fault}`)
    this.#parts.changed()
  }
}
