// Keeps one pod at what it is to be: takes the next step, waits for what others tell, tries again after a failure; others are not held up.

import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOCAL_PREFIX_6 } from '../../core/interception.ts'
import type { Change } from '../../core/wire.ts'
import { backOff } from '../../kubernetes/back-off.ts'
import type { Log } from '../../runtime/log.ts'
import { acceptSidecar } from '../accept.ts'
import type { Hub } from '../hub.ts'
import type { SidecarLink } from '../sidecar-link.ts'
import type { LayerName, Targets } from './destination-layers.ts'
import type { Destinations } from './destinations.ts'
import type { NamespaceListeners } from './namespace-listener.ts'
import { type NetworkNamespace, namespaceOf } from './network-namespace.ts'
import { EMPTY, REMOVE, changeProgram, tableProgram } from './nft-program.ts'
import type { NftRunner } from './nft-runner.ts'
import type { NodePod } from './node-pod.ts'
import { OwnLayer } from './own-layer.ts'
import {
  EMPTY_KERNEL,
  type Kernel,
  type PodFacts,
  type SidecarFacts,
  type Step,
  type Waiting,
  kernelOf,
  nextStep,
} from './pod-plan.ts'
import type { PodProcess, ProcessFinder } from './process-finder.ts'
import { openRedirects } from './redirected-connections.ts'
import { connectionUser, sharedUser } from './users.ts'

export interface KeeperParts {
  readonly hub: Hub
  readonly log: Log
  readonly nft: NftRunner
  readonly listeners: NamespaceListeners
  readonly finder: ProcessFinder
  readonly removing: boolean
  /** The addresses of the node itself: the kubelet's probes come from there. */
  readonly nodeAddresses: readonly string[]
  readonly targets: (layer: LayerName) => Targets | undefined
  /** A kernel was read: the numbers that it uses. */
  readonly adopt: (kernel: Kernel) => void
  /** Something of this pod is no longer as it was. */
  readonly changed: (keeper: PodKeeper) => void
}

const BACK_OFF = { firstDelayMs: 200, longestDelayMs: 10_000 }
/** A sidecar that had no agent for a while tries again every 1.5 s at the latest. */
const AWAIT_MS = 5000
/** Until all redirected connections have ended. */
const RECOUNT_MS = 1000

const UNSETTLED: Readonly<Record<Exclude<Waiting, 'for-sidecar'>, string | undefined>> = {
  'for-tables': 'waits for tables',
  'for-applied': 'waits for its sidecar to take the tables',
  emptied: 'waits for redirected connections to end',
  redirected: undefined,
  draining: undefined,
  faulty: undefined,
  removed: undefined,
}

export class PodKeeper {
  readonly name: string
  readonly layer: LayerName
  readonly #parts: KeeperParts
  readonly #ended = new AbortController()
  readonly #own = new OwnLayer()
  #pod: NodePod
  #namespace: NetworkNamespace | undefined
  /** A container has come: the namespace may be another one. */
  #recheck = false
  #server: net.Server | undefined
  #kernel: Kernel | undefined
  /** What the kernel may hold as well, while it is being changed. */
  #changing: Kernel = EMPTY_KERNEL
  #rules: string | undefined
  #uid: number | undefined
  #link: SidecarLink | undefined
  #awaited = true
  #fault: string | undefined
  #redirectedConnections: number | undefined
  #removed = false
  /** Why the last step failed. */
  trouble: string | undefined
  waiting: Waiting | undefined
  #poked = false
  #wake = (): void => {}

  constructor(pod: NodePod, parts: KeeperParts) {
    const { namespace = '', name } = pod.metadata
    this.name = `${namespace}/${name}`
    // What its annotations said when it was first seen: to change it on a running pod would take redirects and tables apart.
    this.layer = pod.endpoints ? 'endpoints' : 'services'
    this.#pod = pod
    this.#parts = parts
    parts.hub.follow(this.name, ['routes', this.layer])
    if (pod.ownKey !== undefined) this.#tell([{ put: { kind: 'own-key', key: pod.ownKey } }])
  }

  get pod(): NodePod {
    return this.#pod
  }

  get link(): SidecarLink | undefined {
    return this.#link
  }

  /** Why its calls must not be redirected. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** What it is still on its way to; undefined if there is nothing to do for now, or nothing that could be done. */
  get unsettled(): string | undefined {
    if (this.trouble !== undefined) return undefined
    if (this.waiting === undefined) return 'is looked for'
    if (this.waiting === 'for-sidecar')
      return this.#awaited && this.#pod.sidecar?.running ? 'waits for its sidecar' : undefined
    return UNSETTLED[this.waiting]
  }

  /** Its kernel was asked what it redirects, or there is none yet. */
  get isRead(): boolean {
    return this.#kernel !== undefined || this.trouble !== undefined || this.#pod.sidecar?.running === undefined
  }

  /** Its kernel takes calls to this address elsewhere, or is just being told to, or no longer to. */
  redirects(address: string): boolean {
    return this.#kernel?.redirects.has(address) === true || this.#changing.redirects.has(address)
  }

  /** Keeps the pod until it is ended or the signal aborts; redirects stay as they are then. */
  async keep(signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, this.#ended.signal])
    both.addEventListener('abort', () => this.poke(), { once: true })
    let failures = 0
    while (!both.aborted) {
      this.#poked = false
      const step = nextStep(this.#facts())
      try {
        if (step.do === 'wait') {
          this.#waits(step.waiting)
          await this.#untilPoked()
          continue
        }
        await this.#take(step, both)
        failures = 0
        this.trouble = undefined
      } catch (error) {
        if (both.aborted) break
        failures++
        this.trouble = error instanceof Error ? error.message : String(error)
        const { log } = this.#parts
        log[failures === 1 ? 'warn' : 'debug']({ pod: this.name, step: step.do, err: error }, 'not done; tried again')
        this.#parts.changed(this)
        await sleep(backOff(failures, BACK_OFF), undefined, { signal: both }).catch(() => {})
      }
    }
    this.#close()
  }

  update(pod: NodePod): void {
    const before = this.#pod
    this.#pod = pod
    if (before.sidecar?.running !== pod.sidecar?.running && pod.sidecar?.running !== undefined) this.#recheck = true
    if (before.containers.join() !== pod.containers.join()) void this.#checkUsers()
    this.poke()
  }

  /** What arrives for the pod's workload and is to go to its sidecar first. */
  intercept(inbound: Destinations): void {
    const kernel = this.#kernel?.inbound ?? new Map<string, { readonly port: number }>()
    this.#tell(this.#own.replace(inbound, this.#parts.hub.revision + 1, kernel))
    this.poke()
  }

  /** Something that it looks at may have changed. */
  poke(): void {
    this.#poked = true
    this.#wake()
  }

  /** The pod is gone. */
  end(): void {
    this.#ended.abort()
    this.#close()
    this.#parts.hub.forget(this.name)
  }

  #facts(): PodFacts {
    const redirects = this.#parts.targets(this.layer)
    return {
      gone: false,
      removing: this.#parts.removing,
      namespace: this.#namespace !== undefined && !this.#recheck,
      kernel: this.#kernel,
      desired: redirects === undefined ? undefined : { redirects, inbound: this.#own.targets },
      listening: this.#server !== undefined,
      rules: this.#rules !== undefined && this.#rules === this.#wantedRules(),
      sidecar: this.#sidecarFacts(),
      fault: this.#fault,
      redirectedConnections: this.#redirectedConnections,
      removed: this.#removed,
    }
  }

  #sidecarFacts(): SidecarFacts {
    const link = this.#link
    if (link === undefined) return { is: this.#awaited ? 'awaited' : 'away' }
    return {
      is: 'connected',
      applied: link.appliedRevision,
      draining: link.state?.draining === true,
      told: link.told,
    }
  }

  #wantedRules(): string | undefined {
    const { inbound, probePorts } = this.#pod
    const ports = inbound ? probePorts : []
    const probes = this.#parts.nodeAddresses.flatMap((from) => ports.map((port) => ({ from, port })))
    return this.#uid === undefined ? undefined : tableProgram(this.#uid, probes)
  }

  async #take(step: Exclude<Step, { readonly do: 'wait' }>, signal: AbortSignal): Promise<void> {
    switch (step.do) {
      case 'end':
        return
      case 'find':
        return this.#find(signal)
      case 'read': {
        const kernel = kernelOf(await this.#parts.nft.read(this.#inside()))
        this.#parts.adopt(kernel)
        this.#kernel = kernel
        this.#changing = EMPTY_KERNEL
        break
      }
      case 'listen': {
        const server = await this.#parts.listeners.open(this.#inside(), (socket) => void this.#accept(socket))
        if (signal.aborted) server.close()
        this.#server = server
        setTimeout(() => {
          this.#awaited = false
          this.poke()
        }, AWAIT_MS).unref()
        break
      }
      case 'install':
        return this.#install()
      case 'change':
        await this.#apply(changeProgram(step.change), step.after)
        break
      case 'empty':
        await this.#apply(EMPTY, EMPTY_KERNEL)
        break
      case 'count': {
        const processes = await this.#processes()
        this.#redirectedConnections = await openRedirects(processes[0]?.pid ?? 0)
        if (this.#redirectedConnections === 0) break
        setTimeout(() => {
          this.#redirectedConnections = undefined
          this.poke()
        }, RECOUNT_MS).unref()
        break
      }
      case 'remove':
        await this.#parts.nft.apply(this.#inside(), REMOVE)
        this.#rules = undefined
        this.#removed = true
        break
      case 'tell':
        this.#link?.tell(step.redirected)
    }
    this.#parts.changed(this)
  }

  async #find(signal: AbortSignal): Promise<void> {
    const { finder } = this.#parts
    const known = this.#namespace
    const found = known === undefined ? await finder.appearance(() => this.#id(), signal) : await this.#processes()
    this.#recheck = false
    const namespace = namespaceOf(this.#inOrder(found).map(({ pid }) => pid))
    if (namespace === undefined) {
      if (known === undefined) throw new Error('none of its processes is in a network namespace of its own')
      return
    }
    if (known?.inode === namespace.inode) {
      namespace.close()
      return
    }
    if (known !== undefined) {
      this.#parts.log.info({ pod: this.name }, 'the pod has another network namespace')
      this.#close()
    }
    this.#namespace = namespace
    this.#kernel = undefined
    this.#changing = EMPTY_KERNEL
    this.#rules = undefined
    this.#awaited = true
  }

  async #install(): Promise<void> {
    const rules = this.#wantedRules()
    if (rules === undefined) return
    const { nft } = this.#parts
    const namespace = this.#inside()
    await nft.routeLocal6(namespace, LOCAL_PREFIX_6)
    await nft.apply(namespace, rules)
    this.#rules = rules
  }

  async #apply(program: string, after: Kernel): Promise<void> {
    this.#changing = after
    const before = this.#kernel
    try {
      await this.#parts.nft.apply(this.#inside(), program)
      this.#kernel = after
      this.#changing = EMPTY_KERNEL
    } catch (error) {
      // Whatever it holds now, it holds no more than this until it has been read.
      this.#changing = { ...after, redirects: new Map([...(before?.redirects ?? []), ...after.redirects]) }
      this.#kernel = undefined
      throw error
    }
    const drops = this.#own.sweep((address) => after.inbound.has(address))
    this.#tell(drops)
  }

  async #accept(socket: net.Socket): Promise<void> {
    socket.on('error', () => {})
    socket.setNoDelay(true)
    const refusal = await this.#refusal(socket)
    if (refusal !== undefined || socket.destroyed || this.#ended.signal.aborted) {
      if (refusal !== undefined && this.#link === undefined) this.#setFault(refusal)
      socket.destroy()
      return
    }
    const { hub, log } = this.#parts
    acceptSidecar(socket, {
      hub,
      log,
      nameOf: () => this.name,
      changed: (link) => {
        this.#link = hub.link(this.name) ?? link
        this.poke()
        this.#parts.changed(this)
      },
      lost: () => {
        this.#link = undefined
        this.#awaited = false
        this.poke()
        this.#parts.changed(this)
      },
    })
  }

  /** Why a connection is not the sidecar's; undefined if it is. Its user is the one that is exempt from now on. */
  async #refusal(socket: net.Socket): Promise<string | undefined> {
    const processes = await this.#processes()
    const [one] = processes
    const uid = one === undefined ? undefined : await connectionUser(one.pid, socket.remotePort ?? 0)
    if (uid === undefined) {
      socket.destroy()
      return undefined
    }
    const wanted = this.#pod.sidecar?.uid
    if (wanted !== undefined && wanted !== uid) return `its sidecar runs as user ${uid}, not ${wanted}`
    this.#uid = uid
    this.#setFault(await sharedUser(processes, uid))
    return undefined
  }

  async #checkUsers(): Promise<void> {
    if (this.#uid === undefined) return
    try {
      this.#setFault(await sharedUser(await this.#processes(), this.#uid))
    } catch {
      // It is looked at again with the next container, or the next connection.
    }
  }

  #setFault(fault: string | undefined): void {
    if (this.#fault === fault) return
    this.#fault = fault
    if (fault !== undefined) this.#parts.log.warn({ pod: this.name }, `not redirected: ${fault}`)
    this.poke()
    this.#parts.changed(this)
  }

  /** Those that are in the namespace that is held. */
  async #processes(): Promise<readonly PodProcess[]> {
    const found = this.#inOrder(await this.#parts.finder.of(this.#id()))
    return this.#recheck ? found : found.filter(({ pid }) => this.#namespace?.isOf(pid) === true)
  }

  /** The sidecar's own first, then the oldest: a container may run others, in namespaces of their own. */
  #inOrder(processes: readonly PodProcess[]): readonly PodProcess[] {
    const running = this.#pod.sidecar?.running
    return processes.toSorted(
      (a, b) => Number(b.container === running) - Number(a.container === running) || a.pid - b.pid,
    )
  }

  #id(): { readonly uid: string; readonly containers: readonly string[] } {
    return { uid: this.#pod.metadata.uid ?? '', containers: this.#pod.containers }
  }

  #inside(): NetworkNamespace {
    if (this.#namespace === undefined) throw new Error('the network namespace is not known')
    return this.#namespace
  }

  #tell(changes: readonly Change[]): void {
    if (changes.length > 0) this.#parts.hub.change(new Map([[this.name, changes]]))
  }

  #waits(waiting: Waiting): void {
    if (this.waiting === waiting) return
    this.waiting = waiting
    this.#parts.log.debug({ pod: this.name, waiting }, 'pod')
    this.#parts.changed(this)
  }

  async #untilPoked(): Promise<void> {
    if (this.#poked) return
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** Nothing listens and nothing is held open any more; what the kernel has stays. */
  #close(): void {
    this.#server?.close()
    this.#server = undefined
    this.#link?.close()
    this.#namespace?.close()
    this.#namespace = undefined
  }
}
