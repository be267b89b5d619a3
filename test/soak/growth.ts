// How the memory of Sidetrack's processes goes on during a soak.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Component, type Held, processesOf } from './processes.ts'

const EVERY_MS = 15_000

export interface Sample {
  readonly component: Component
  readonly id: string
  /** Since the soak began. */
  readonly seconds: number
  readonly megabytes: number
  readonly files: number
}

export class Growth {
  readonly #cluster: string
  readonly #samples: Sample[] = []
  readonly #begin = performance.now()

  constructor(cluster: string) {
    this.#cluster = cluster
  }

  get samples(): readonly Sample[] {
    return this.#samples
  }

  async look(): Promise<readonly Held[]> {
    const seconds = Math.round((performance.now() - this.#begin) / 1000)
    const all = await processesOf(this.#cluster)
    for (const { component, id, rssBytes, files } of all) {
      this.#samples.push({ component, id, seconds, megabytes: rssBytes / 1e6, files })
    }
    return all
  }

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look()
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}

export interface Course {
  readonly component: Component
  /** Of the process that was there for longest. */
  readonly seconds: number
  /** Of that process, when it had settled and at its end. */
  readonly first: number
  readonly last: number
  /** Of all processes of the component at any time. */
  readonly most: number
  readonly points: readonly (readonly [seconds: number, megabytes: number])[]
}

/** A process that has just started is still small, and has just read the cluster's objects for the first time. */
const SETTLED_SECONDS = 60

/** Of each component the process that lived longest. Pure. */
export function coursesOf(samples: readonly Sample[]): readonly Course[] {
  const components = [...new Set(samples.map(({ component }) => component))].toSorted()
  return components.map((component) => {
    const ofIt = samples.filter((each) => each.component === component)
    const byProcess = Object.values(Object.groupBy(ofIt, ({ id }) => id)).map((each) => each ?? [])
    const [longest = []] = byProcess.toSorted((a, b) => lifeOf(b) - lifeOf(a))
    const begin = longest[0]?.seconds ?? 0
    const settled = longest.find(({ seconds }) => seconds >= begin + SETTLED_SECONDS) ?? longest.at(-1)
    return {
      component,
      seconds: lifeOf(longest),
      first: settled?.megabytes ?? 0,
      last: longest.at(-1)?.megabytes ?? 0,
      most: Math.max(...ofIt.map(({ megabytes }) => megabytes)),
      points: longest.map(({ seconds, megabytes }) => [seconds, Math.round(megabytes * 10) / 10] as const),
    }
  })
}

function lifeOf(samples: readonly Sample[]): number {
  return (samples.at(-1)?.seconds ?? 0) - (samples[0]?.seconds ?? 0)
}
