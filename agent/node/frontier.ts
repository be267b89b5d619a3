// How far the node is: the newest state of Routes and RoutingTables that is in force in every pod of it.

/** The state of the cluster that was put in force together, and how a pod shows that it has it. */
export interface Checkpoint {
  /** resourceVersions: everything up to them is in it. */
  readonly routes: string
  readonly tables: string
  /** Of the hub: a sidecar that has confirmed it has these routes. */
  readonly revision: number
  /** Of the redirects: a pod that has come to it has them in its kernel. */
  readonly generation: number
}

/** While one pod holds all others up, no more than this is remembered; those in between are passed over. */
const MOST = 1000

export class Frontier {
  #ahead: Checkpoint[] = []
  #reached: Checkpoint | undefined

  /** The newest checkpoint that was in force everywhere at some time; undefined before the first. */
  get reached(): Checkpoint | undefined {
    return this.#reached
  }

  /** Something was put in force that goes up to here; the same again counts once. */
  mark(checkpoint: Checkpoint): void {
    const last = this.#ahead.at(-1) ?? this.#reached
    if (last !== undefined && last.routes === checkpoint.routes && last.tables === checkpoint.tables) return
    if (this.#ahead.length >= MOST) this.#ahead.pop()
    this.#ahead.push(checkpoint)
  }

  /** Goes on as far as `inForce` says. True if that is further than before. */
  advance(inForce: (checkpoint: Checkpoint) => boolean): boolean {
    let count = 0
    for (const checkpoint of this.#ahead) {
      if (!inForce(checkpoint)) break
      this.#reached = checkpoint
      count++
    }
    this.#ahead = this.#ahead.slice(count)
    return count > 0
  }
}
