// When V8's compilers are worth their memory: they cost a sidecar more than a thousand connections do.

/** So many requests between two looks, a second apart. */
const BUSY = 2000

/** V8's own; the sidecar starts without the first, and with higher thresholds of the others (core/sidecar-process.ts). */
const USUAL = ['--sparkplug', '--invocation-count-for-maglev=400', '--invocation-count-for-turbofan=3000']

/** Lets them in for good as soon as a sidecar is busy. */
export class Compilers {
  readonly #set: (flag: string) => void
  #seen = 0
  #usual = false

  constructor(set: (flag: string) => void = setFlag) {
    this.#set = set
  }

  /** Once a second, with how many requests there have been since the start. */
  tick(requests: number): void {
    if (this.#usual) return
    const busy = requests - this.#seen >= BUSY
    this.#seen = requests
    if (!busy) return
    this.#usual = true
    for (const flag of USUAL) this.#set(flag)
  }
}

/** These flags are read whenever a function is looked at, so they may change while the program runs (`v8.setFlagsFromString` warns of others). */
function setFlag(flag: string): void {
  // Not imported: the module would cost a sidecar that never needs it 2 MB.
  process.getBuiltinModule('node:v8').setFlagsFromString(flag)
}
