// Keeps one pod at what it is to be: takes the next step, waits for what others tell, tries again after a failure; others are not held up.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '../../core/wire.ts'
import { backOff } from '../../kubernetes/back-off.ts'
import type { Log } from '../../runtime/log.ts'
import type { HopLog } from '../hop-log.ts'
import type { Hub } from '../hub.ts'
import type { SidecarLink } from '../sidecar-link.ts'
import type { KeptState } from './bypass.ts'
import type { LayerName, Targets } from './destination-layers.ts'
import type { Destinations } from './destinations.ts'
import type { Checkpoint } from './frontier.ts'
import type { NamespaceListeners } from './namespace-listener.ts'
import type { ProbeSource } from './nft-program.ts'
import type { NftRunner } from './nft-runner.ts'
import { type NodePod, probesOf } from './node-pod.ts'
import { OwnLayer, ownKeyChange } from './own-layer.ts'
import { NO_PLACE, PodPlace } from './pod-place.ts'
import { type Kernel, type PodFacts, type Step, type Waiting, nextStep } from './pod-plan.ts'
import { PodProcesses } from './pod-processes.ts'
import type { ProcessFinder } from './process-finder.ts'

export interface KeeperParts {
  readonly hub: Hub
  readonly log: Log
  readonly hops: HopLog
  readonly nft: NftRunner
  readonly listeners: NamespaceListeners
  readonly finder: ProcessFinder
  readonly removing: boolean
  /** The addresses of the node itself: the kubelet's probes come from there. */
  readonly nodeAddresses: readonly string[]
  readonly targets: (layer: LayerName) => Targets | undefined
  /** Counts the changes of what is to be redirected in any pod. */
  readonly generation: () => number
  /** A kernel was read: the numbers that it uses. */
  readonly adopt: (kernel: Kernel) => void
  /** Something of some pod is no longer as it was. */
  readonly changed: () => void
}

const BACK_OFF = { firstDelayMs: 200, longestDelayMs: 10_000 }

export class PodKeeper {
  readonly name: string
  readonly layer: LayerName
  readonly #parts: KeeperParts
  readonly #ended = new AbortController()
  readonly #own = new OwnLayer()
  readonly #processes: PodProcesses
  #pod: NodePod
  #place: PodPlace | undefined
  /** A container has come: the pod may have another namespace. */
  #recheck = false
  #generation = -1
  #trouble: string | undefined
  #waiting: Waiting | undefined
  /** When its sidecar's container was first said to run. */
  #runsSince: number | undefined
  #poked = false
  #wake = (): void => {}
  #kept = Promise.resolve()

  constructor(pod: NodePod, parts: KeeperParts) {
    const { namespace = '', name } = pod.metadata
    this.name = `${namespace}/${name}`
    // For as long as it is kept: a pod that asks for something else is taken up anew, as by an agent that starts.
    this.layer = pod.endpoints ? 'endpoints' : 'services'
    this.#pod = pod
    this.#parts = parts
    this.#processes = new PodProcesses(parts.finder, () => this.#pod)
    if (pod.sidecar?.running !== undefined) this.#runsSince = performance.now()
    parts.hub.follow(this.name, ['routes', this.layer])
    if (pod.ownKey !== undefined) this.#tell([ownKeyChange(pod.ownKey)])
  }

  get pod(): NodePod {
    return this.#pod
  }

  get link(): SidecarLink | undefined {
    return this.#place?.sidecar.link
  }

  get state(): KeptState {
    return {
      waiting: this.#waiting,
      trouble: this.#trouble,
      fault: this.#place?.sidecar.fault,
      silentMs: this.link?.silentMs,
      awaited: this.#place?.sidecar.awaited ?? true,
      wasConnected: this.#place?.sidecar.wasConnected ?? false,
      runningMs: this.#runsSince === undefined ? 0 : performance.now() - this.#runsSince,
      oldConnections: this.#place?.old.count ?? 0,
    }
  }

  /** Its kernel was asked what it redirects, or cannot be. */
  get isRead(): boolean {
    return (
      this.#place?.kernel.now !== undefined || this.#trouble !== undefined || this.#pod.sidecar?.running === undefined
    )
  }

  /** Something goes through its sidecar by an older state than this. */
  lags({ revision, generation }: Pick<Checkpoint, 'revision' | 'generation'>): boolean {
    const { link } = this
    if (this.#waiting === 'draining' || this.#waiting === 'faulty') return false
    if (link === undefined) return this.#place?.kernel.redirectsAnything === true
    return !(link.upToDate || link.appliedRevision >= revision) || this.#generation < generation
  }

  /** Its kernel takes calls to this address elsewhere, or may do so. */
  redirects(address: string): boolean {
    return this.#place?.kernel.redirects(address) === true
  }

  /** Keeps the pod, from when `before` resolves, until it is ended or the signal aborts; redirects stay as they are then. */
  keep(signal: AbortSignal, before: Promise<void>): void {
    this.#kept = before.then(() => this.#keep(signal))
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, this.#ended.signal])
    both.addEventListener('abort', () => this.poke(), { once: true })
    let failures = 0
    while (!both.aborted) {
      this.#poked = false
      const step = nextStep(this.#facts())
      try {
        if (step.do === 'wait') await this.#wait(step.waiting)
        else {
          await this.#take(step, both)
          failures = 0
          this.#trouble = undefined
          this.#parts.changed()
        }
      } catch (error) {
        if (both.aborted) break
        failures++
        this.#trouble = error instanceof Error ? error.message : String(error)
        const { log, changed } = this.#parts
        log[failures === 1 ? 'warn' : 'debug']({ pod: this.name, step: step.do, err: error }, 'not done; tried again')
        changed()
        await sleep(backOff(failures, BACK_OFF), undefined, { signal: both }).catch(() => {})
      }
    }
    this.#leave()
  }

  update(pod: NodePod): void {
    const before = this.#pod
    this.#pod = pod
    if (before.ownKey !== pod.ownKey) this.#tell([ownKeyChange(pod.ownKey)])
    if (before.sidecar?.running !== pod.sidecar?.running && pod.sidecar?.running !== undefined) {
      this.#recheck = true
      this.#runsSince = performance.now()
    }
    // A look that fails is taken again with the next container, or the sidecar's next connection.
    if (before.containers.join() !== pod.containers.join()) this.#place?.sidecar.checkUser().catch(() => {})
    this.poke()
  }

  /** What arrives for the pod's workload and is to go to its sidecar first. True if that is different now. */
  intercept(inbound: Destinations): boolean {
    const kernel = this.#place?.kernel.now?.inbound ?? new Map<string, { readonly port: number }>()
    const before = this.#own.targets
    this.#tell(this.#own.replace(inbound, this.#parts.hub.revision + 1, kernel))
    this.#sweep()
    return this.#own.targets !== before
  }

  /** Something that it looks at may have changed. */
  poke(): void {
    this.#poked = true
    this.#wake()
  }

  /** The pod is gone, or to be taken up anew. Resolves when what was begun is done. */
  end(): Promise<void> {
    this.#ended.abort()
    this.#leave()
    this.#parts.hub.forget(this.name)
    return this.#kept
  }

  #facts(): PodFacts {
    const redirects = this.#parts.targets(this.layer)
    return {
      gone: this.#ended.signal.aborted,
      removing: this.#parts.removing,
      namespace: this.#place !== undefined && !this.#recheck,
      desired: redirects === undefined ? undefined : { redirects, inbound: this.#own.targets },
      ...(this.#place?.facts ?? NO_PLACE),
    }
  }

  #probes(): readonly ProbeSource[] {
    return probesOf(this.#pod, this.#parts.nodeAddresses)
  }

  async #take(step: Exclude<Step, { readonly do: 'wait' }>, signal: AbortSignal): Promise<void> {
    if (step.do === 'find') return this.#find(signal)
    const place = this.#place
    if (step.do === 'end' || place === undefined) return
    await place.take(step)
    if (step.do === 'read' && place.kernel.now !== undefined) this.#parts.adopt(place.kernel.now)
    if (step.do === 'change' || step.do === 'empty') this.#sweep()
  }

  async #find(signal: AbortSignal): Promise<void> {
    const place = this.#place
    const namespace =
      place === undefined ? await this.#processes.namespaceToCome(signal) : await this.#processes.namespace()
    this.#recheck = false
    if (namespace === undefined) return
    if (place?.namespace.inode === namespace.inode) {
      namespace.close()
      return
    }
    const { hub, log, hops, listeners, nft, changed } = this.#parts
    if (place !== undefined) log.info({ pod: this.name }, 'the pod has another network namespace')
    this.#leave()
    this.#place = new PodPlace(namespace, {
      name: this.name,
      hub,
      log,
      hops,
      nft,
      listeners,
      podProcesses: this.#processes,
      wantedUser: () => this.#pod.sidecar?.uid,
      probes: () => this.#probes(),
      sidecarChanged: () => {
        this.poke()
        changed()
      },
      changed,
    })
  }

  #tell(changes: readonly Change[]): void {
    if (changes.length > 0) this.#parts.hub.change(new Map([[this.name, changes]]))
  }

  /** Lets the sidecar forget what this pod's kernel leads to no more. */
  #sweep(): void {
    this.#tell(this.#own.sweep((address) => this.#place?.kernel.redirectsInbound(address) === true))
  }

  async #wait(waiting: Waiting): Promise<void> {
    const generation = waiting === 'redirected' ? this.#parts.generation() : this.#generation
    if (waiting !== this.#waiting || generation !== this.#generation) {
      this.#waiting = waiting
      this.#generation = generation
      this.#parts.log.debug({ pod: this.name, waiting, generation }, 'pod')
      this.#parts.changed()
    }
    if (!this.#poked) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  #leave(): void {
    this.#place?.close()
    this.#place = undefined
  }
}
