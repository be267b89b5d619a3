// Asks a peer each case of the rule before it is measured: a fast proxy that routes wrongly proves nothing.

import { get, type IncomingMessage } from 'node:http'
import type { Expectation } from './rule.ts'

/** Throws an error that names the first case with another answer. */
export async function verifyRouting(peer: string, port: number, cases: readonly Expectation[]): Promise<void> {
  for (const { baggage, variant } of cases) {
    const response = await ask(port, baggage)
    const answered = response.headers['x-variant']
    if (response.statusCode !== 200 || answered !== variant) {
      const got = `status ${response.statusCode} from ${String(answered ?? 'nobody')}`
      throw new Error(`${peer} routes wrongly: baggage '${baggage}' should reach ${variant}, got ${got}`)
    }
    if ((response.headers['x-saw'] ?? '') !== baggage) {
      throw new Error(`${peer} changes the header: '${baggage}' arrived as '${String(response.headers['x-saw'])}'`)
    }
  }
}

function ask(port: number, baggage: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = baggage === '' ? {} : { baggage }
    get({ host: '127.0.0.1', port, path: '/', headers, agent: false, timeout: 5000 }, (response) => {
      response.resume()
      response.once('end', () => resolve(response))
      response.once('error', reject)
    })
      .once('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error(`no answer within 5 s on port ${port}`))
      })
      .once('error', reject)
  })
}
