// Finds the processes of pods, as soon as there are any: by their cgroups, since the kubelet tells of a container only when its postStart
// hook has ended.

import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { containerOf, podOf } from './processes.ts'

export interface PodProcess {
  readonly pid: number
  readonly container: string
}

/** Whose processes are looked for. */
export interface PodId {
  readonly uid: string
  /** Known ids of its containers: some kubelets make no cgroups for pods. */
  readonly containers: readonly string[]
}

interface Known {
  readonly pod: string | undefined
  readonly process: PodProcess
}

/** While somebody waits for a pod, first often, then less so. Milliseconds. */
const SOON_MS = 50
const SOON_FOR_MS = 30_000
const LATER_MS = 500
/** A process starts in a group that it leaves. Milliseconds. */
const YOUNG_MS = 5000
/** Process numbers come back: what was seen longer ago is looked at again. Milliseconds. */
const FRESH_MS = 2000
/** Processes that are looked at in one turn of the event loop. */
const AT_ONCE = 200

export class ProcessFinder {
  readonly #proc: string
  /** What is known of a process; a number for one that is in no container: since when. */
  #seen = new Map<number, Known | number>()
  #scannedAt = -Infinity
  #scanning: Promise<void> = Promise.resolve()

  constructor(proc = '/proc') {
    this.#proc = proc
  }

  /** The pod's processes that run now, in no order. */
  async of(pod: PodId): Promise<readonly PodProcess[]> {
    const scan = this.#scanning.then(() => this.#scan())
    this.#scanning = scan.catch(() => {})
    await scan
    return [...this.#seen.values()].flatMap((each) =>
      typeof each === 'object' && isOf(each, pod) && this.#isStill(each) ? each.process : [],
    )
  }

  /** Resolves when the pod has a process. Rejects when the signal aborts. */
  async appearance(pod: () => PodId, signal: AbortSignal): Promise<readonly PodProcess[]> {
    const eager = performance.now() + SOON_FOR_MS
    for (;;) {
      const found = await this.of(pod())
      if (found.length > 0) return found
      await sleep(performance.now() < eager ? SOON_MS : LATER_MS, undefined, { signal })
    }
  }

  async #scan(): Promise<void> {
    const now = performance.now()
    // Whoever asks at the same time gets the same answer.
    if (now - this.#scannedAt < SOON_MS / 2) return
    if (now - this.#scannedAt > FRESH_MS) this.#seen.clear()
    const seen = new Map<number, Known | number>()
    let looked = 0
    for (const name of readdirSync(this.#proc)) {
      const pid = Number(name)
      if (!Number.isInteger(pid)) continue
      const before = this.#seen.get(pid)
      const settled = typeof before === 'object' || (before !== undefined && now - before > YOUNG_MS)
      seen.set(pid, settled ? before : (this.#look(pid) ?? before ?? now))
      if (!settled && ++looked % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    this.#seen = seen
    this.#scannedAt = performance.now()
  }

  #look(pid: number): Known | undefined {
    const groups = this.#groups(pid)
    const container = containerOf(groups)
    return container === undefined ? undefined : { pod: podOf(groups), process: { pid, container } }
  }

  #isStill({ process: { pid, container } }: Known): boolean {
    return containerOf(this.#groups(pid)) === container
  }

  /** Processes end while they are looked at. */
  #groups(pid: number): string {
    try {
      return readFileSync(`${this.#proc}/${pid}/cgroup`, 'utf8')
    } catch {
      return ''
    }
  }
}

function isOf({ pod, process }: Known, { uid, containers }: PodId): boolean {
  return pod === undefined ? containers.includes(process.container) : pod === uid
}
