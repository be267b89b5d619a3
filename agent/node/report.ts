// Writes this node's NodeReport: at once after a quiet time, then not more often than twice a second; nothing that it says already.

import { setTimeout as sleep } from 'node:timers/promises'
import { backOff } from '../../kubernetes/back-off.ts'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { BypassingPod, NodeReportStatus } from '../../kubernetes/resources/node-report.ts'
import { NODE_REPORTS } from '../../kubernetes/resources/sidetrack.ts'
import type { Log } from '../../runtime/log.ts'

export type Report = Omit<NodeReportStatus, 'observedAt'>

/** What the CRD allows. */
const MOST_BYPASSING = 1000
const MESSAGE_LENGTH = 1024

const QUIET_MS = 500
const BACK_OFF = { firstDelayMs: 500, longestDelayMs: 30_000 }

export class Reporter {
  readonly #client: Client
  readonly #node: string
  readonly #log: Log
  #wanted: string | undefined
  #written: string | undefined
  #wake = (): void => {}

  constructor(client: Client, node: string, log: Log) {
    this.#client = client
    this.#node = node
    this.#log = log
  }

  /** This is so now. Cheap if it is what was said last. */
  say(report: Report): void {
    const text = JSON.stringify(report)
    if (text === this.#wanted) return
    this.#wanted = text
    if (text !== this.#written) this.#wake()
  }

  /** Writes until the signal aborts. */
  async write(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    let failures = 0
    while (!signal.aborted) {
      const text = this.#wanted
      if (text === undefined || text === this.#written) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        continue
      }
      try {
        const report: Report = JSON.parse(text)
        await this.#put({ ...report, observedAt: new Date().toISOString() }, signal)
        this.#written = text
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (failures++ === 0) this.#log.warn({ err: error }, 'the report of this node is not written; tried again')
      }
      const pause = failures === 0 ? QUIET_MS : backOff(failures, BACK_OFF)
      await sleep(pause, undefined, { signal }).catch(() => {})
    }
  }

  async #put(status: NodeReportStatus, signal: AbortSignal): Promise<void> {
    const object = { metadata: { name: this.#node }, status }
    try {
      await this.#client.applyStatus(NODE_REPORTS, object, { force: true }, signal)
    } catch (error) {
      if (!(error instanceof KubernetesError && error.code === 'ST3005')) throw error
      await this.#client.create(NODE_REPORTS, { metadata: { name: this.#node } }, signal)
      await this.#client.applyStatus(NODE_REPORTS, object, { force: true }, signal)
    }
  }
}

/** The pods in an order that stays, within the limits of the resource. */
export function listed(bypassing: readonly BypassingPod[]): readonly BypassingPod[] {
  return bypassing
    .toSorted((a, b) => (`${a.namespace}/${a.pod}` < `${b.namespace}/${b.pod}` ? -1 : 1))
    .slice(0, MOST_BYPASSING)
    .map(({ namespace, pod, reason, message, since }) => ({
      namespace,
      pod,
      reason,
      message: message.slice(0, MESSAGE_LENGTH),
      since,
    }))
}
