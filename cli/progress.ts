// Steps of something that takes its time: on a terminal redrawn in place, elsewhere a line for each step when it is done.

import { styleText } from 'node:util'
import type { Screen } from './session.ts'
import { secondsText } from './time-text.ts'

export interface Step {
  readonly text: string
  /** Milliseconds from the start to its end; undefined while it is not done. */
  readonly doneAfterMs?: number | undefined
}

export interface ProgressState {
  readonly steps: readonly Step[]
  /** What is known about the first step that is not done. */
  readonly note: string
  readonly elapsedMs: number
}

export type Style = (colour: 'green' | 'cyan' | 'dim', text: string) => string

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const SPIN_MS = 80
const COLUMN = 24

/** One line for each step, none longer than `columns`. */
export function progressLines({ steps, note, elapsedMs }: ProgressState, columns: number, style: Style): string[] {
  const current = steps.findIndex(({ doneAfterMs }) => doneAfterMs === undefined)
  return steps.map(({ text, doneAfterMs }, index) => {
    if (doneAfterMs !== undefined) return `${style('green', '✓')} ${text.padEnd(COLUMN)}${secondsText(doneAfterMs)}`
    if (index !== current) return style('dim', `  ${text}`)
    const spinner = SPINNER[Math.floor(elapsedMs / SPIN_MS) % SPINNER.length] ?? ''
    const line = `${text.padEnd(COLUMN)}${secondsText(elapsedMs)}`
    const room = columns - line.length - 6
    const first = note.split('\n')[0] ?? ''
    const said = first === '' || room < 10 ? '' : `  ${first.length > room ? `${first.slice(0, room - 1)}…` : first}`
    return `${style('cyan', spinner)} ${line}${style('dim', said)}`
  })
}

export interface Progress {
  show(state: ProgressState): void
  /** The last state stays on the screen. */
  end(): void
}

export function startProgress(screen: Screen, current: () => ProgressState): Progress {
  return screen.isTTY === true ? new LiveProgress(screen, current) : new PlainProgress(screen, current)
}

class LiveProgress implements Progress {
  readonly #screen: Screen
  readonly #timer: NodeJS.Timeout
  readonly #style: Style
  #lines = 0

  constructor(screen: Screen, current: () => ProgressState) {
    this.#screen = screen
    // Asks NO_COLOR, FORCE_COLOR and TERM as well.
    this.#style = (colour, text) => styleText(colour, text, { stream: screen })
    this.#timer = setInterval(() => this.show(current()), SPIN_MS)
    this.show(current())
  }

  show(state: ProgressState): void {
    const lines = progressLines(state, this.#screen.columns ?? 80, this.#style)
    const up = this.#lines === 0 ? '' : `\u001B[${this.#lines}A`
    this.#screen.write(`${up}${lines.map((line) => `\r${line}\u001B[K\n`).join('')}`)
    this.#lines = lines.length
  }

  end(): void {
    clearInterval(this.#timer)
  }
}

class PlainProgress implements Progress {
  readonly #screen: Screen
  readonly #told = new Set<string>()

  constructor(screen: Screen, current: () => ProgressState) {
    this.#screen = screen
    this.show(current())
  }

  show({ steps }: ProgressState): void {
    for (const { text, doneAfterMs } of steps) {
      if (doneAfterMs === undefined || this.#told.has(text)) continue
      this.#told.add(text)
      this.#screen.write(`${text} after ${secondsText(doneAfterMs)}\n`)
    }
  }

  end(): void {}
}
