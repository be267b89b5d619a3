// A pod whose network namespace is held open: its kernel, its sidecar, and the connections that it has beside it and through it.

import type { Log } from '../../runtime/log.ts'
import type { HopLog } from '../hop-log.ts'
import type { Hub } from '../hub.ts'
import type { NamespaceListeners } from './namespace-listener.ts'
import type { NetworkNamespace } from './network-namespace.ts'
import type { NftRunner } from './nft-runner.ts'
import { OldConnections } from './old-connections.ts'
import { type ProbeSource, tableProgram } from './nft-program.ts'
import { PodKernel } from './pod-kernel.ts'
import type { PodFacts, Step } from './pod-plan.ts'
import type { PodProcesses } from './pod-processes.ts'
import { PodSidecar } from './pod-sidecar.ts'
import { RedirectedConnections } from './redirected-connections.ts'

export interface PlaceParts {
  /** `shop/cart-1` */
  readonly name: string
  readonly hub: Hub
  readonly log: Log
  readonly hops: HopLog
  readonly nft: NftRunner
  readonly listeners: NamespaceListeners
  readonly podProcesses: PodProcesses
  readonly wantedUser: () => number | undefined
  readonly probes: () => readonly ProbeSource[]
  /** The sidecar or what is said of it is no longer as it was, or what goes through it may not be. */
  readonly sidecarChanged: () => void
  /** So is what goes past it. */
  readonly changed: () => void
}

/** What is done in the pod itself. */
export type PlaceStep = Exclude<Step, { readonly do: 'end' | 'find' | 'wait' }>

type PlaceFacts = Omit<PodFacts, 'gone' | 'removing' | 'namespace' | 'desired'>

export const NO_PLACE: PlaceFacts = {
  kernel: undefined,
  listening: false,
  rules: false,
  sidecar: { is: 'awaited' },
  fault: undefined,
  redirectedConnections: undefined,
  removed: false,
}

export class PodPlace {
  readonly namespace: NetworkNamespace
  readonly kernel: PodKernel
  readonly sidecar: PodSidecar
  readonly old: OldConnections
  readonly redirected: RedirectedConnections
  readonly #probes: () => readonly ProbeSource[]

  /** Owns the namespace from now on. */
  constructor(namespace: NetworkNamespace, parts: PlaceParts) {
    const { name, hub, log, hops, nft, listeners, podProcesses, wantedUser, probes, sidecarChanged, changed } = parts
    const processes = async () => (await podProcesses.now()).filter(({ pid }) => namespace.isOf(pid))
    const sidecar = new PodSidecar({
      name,
      hub,
      log,
      hops,
      listeners,
      processes,
      wantedUser,
      changed: sidecarChanged,
      awoken: () => void this.old.watch(),
    })
    const kernel = new PodKernel(nft, namespace)
    const redirected = {
      calls: (address: string) => kernel.redirects(address),
      arrivals: (address: string) => kernel.redirectsInbound(address),
      isProbe: (host: string, at: number) => probes().some(({ from, port }) => from === host && port === at),
    }
    this.#probes = probes
    this.namespace = namespace
    this.kernel = kernel
    this.sidecar = sidecar
    this.old = new OldConnections({ processes, redirected, exempt: () => sidecar.user, changed })
    this.redirected = new RedirectedConnections(processes, sidecarChanged)
  }

  get facts(): PlaceFacts {
    const { kernel, sidecar, redirected } = this
    return {
      kernel: kernel.now,
      listening: sidecar.listening,
      rules: kernel.hasRules(this.#rules()),
      sidecar: sidecar.facts,
      fault: sidecar.fault,
      redirectedConnections: redirected.count,
      removed: kernel.removed,
    }
  }

  /** Throws if it could not be done. */
  async take(step: PlaceStep): Promise<void> {
    const { kernel, sidecar, old } = this
    switch (step.do) {
      case 'read':
        await kernel.read()
        return
      case 'listen':
        return sidecar.listen(this.namespace)
      case 'install':
        return kernel.install(this.#rules() ?? '')
      case 'change':
        await kernel.change(step)
        if (sidecar.link?.told === true) void old.watch()
        return
      case 'empty':
        return kernel.empty()
      case 'count':
        return this.redirected.look()
      case 'remove':
        return kernel.remove()
      case 'tell':
        if (step.redirected) void old.watch()
        return sidecar.link?.tell(step.redirected)
    }
  }

  /** Nothing listens and nothing is held open any more; what the kernel has stays. */
  close(): void {
    this.old.close()
    this.redirected.close()
    this.sidecar.close()
    this.namespace.close()
  }

  /** The pod's table; undefined until its sidecar's user is known. */
  #rules(): string | undefined {
    const { user } = this.sidecar
    return user === undefined ? undefined : tableProgram(user, this.#probes())
  }
}
