// Nothing that the sidecar forwards may be read differently behind it: by llhttp, and by nginx and HAProxy where they are installed.

import { type ReadRequest, readByLlhttp } from '../../fixtures/llhttp.ts'
import { cut, mutate } from '../mutation.ts'
import type { Random } from '../random.ts'
import type { Target } from '../target.ts'
import { expectedOf } from './expected.ts'
import { startGateways } from './gateway.ts'
import { ODD_BYTES } from './framing-grammar.ts'
import { type Focus, requests } from './request-grammar.ts'
import { startLivePath } from './live-path.ts'

const MARKER = 'GET /marker HTTP/1.1\r\nHost: marker\r\nConnection: close\r\n\r\n'
const MARKED: ReadRequest = { method: 'GET', target: '/marker', length: 0, complete: true }

export async function startHttp1(focus: Focus): Promise<Target> {
  const gateways = await startGateways()
  const live = await startLivePath()
  const counts = { forwarded: 0, whole: 0, nothing: 0, 'llhttp refuses': 0 }
  const read: Record<string, number> = Object.fromEntries(gateways.map(({ name }) => [`${name} read to the end`, 0]))

  const execute = async (input: Buffer, random: Random): Promise<string | undefined> => {
    const { forwarded, requests: own, ends, broken, open } = expectedOf(input)
    const passed = await live.pass(cut(random, input), forwarded, ends)
    if (live.open() > 0) return `${live.open()} sockets are left`
    if (passed.stuck) return 'the connection neither answers nor ends'
    // A broken body is forwarded as far as it came in one piece, so cuts may let more of it through; never other bytes.
    const whole = ends.at(-1) ?? 0
    if (!passed.forwarded.subarray(0, whole).equals(forwarded.subarray(0, whole)))
      return `cut in pieces it forwards ${JSON.stringify(passed.forwarded.toString('latin1'))}, at once ${JSON.stringify(forwarded.toString('latin1'))}`
    if (!broken && passed.forwarded.length > forwarded.length) return 'it forwards more than its reader reads'
    counts[own.length === 0 ? 'nothing' : 'forwarded']++
    if (own.length === 0 && passed.forwarded.length === 0) return undefined

    const marked = open ? Buffer.concat([forwarded, Buffer.from(MARKER)]) : passed.forwarded
    const wanted = open ? [...own, MARKED] : own
    const byLlhttp = await readByLlhttp(marked)
    if (byLlhttp.refused !== undefined) counts['llhttp refuses']++
    const fault = differs('llhttp', byLlhttp.requests, wanted, broken)
    if (fault !== undefined) return fault
    if (byLlhttp.refused === undefined && own.length + (open ? 1 : 0) !== byLlhttp.requests.length && !broken)
      return `llhttp reads ${byLlhttp.requests.length} requests, the sidecar ${own.length}`
    if (!open) return undefined
    counts.whole++
    for (const { name, reading } of await Promise.all(
      gateways.map(async (gateway) => ({ name: gateway.name, reading: await gateway.read(marked) })),
    )) {
      const difference = differs(name, reading, wanted, false)
      if (difference !== undefined) return difference
      if (reading.at(-1)?.target === '/marker') read[`${name} read to the end`]!++
    }
    return undefined
  }

  return {
    name: focus,
    concurrency: 1,
    generate: (random) => {
      const bytes = requests(random, focus)
      return random.chance(0.5) ? bytes : mutate(random, bytes, ODD_BYTES)
    },
    execute,
    summary: () => JSON.stringify({ ...counts, ...read }),
    async close() {
      live.close()
      for (const gateway of gateways) gateway.close()
    },
  }
}

/** Each request that was read whole must be one of the sidecar's, in their order; leaving some out, by refusing them, is fine. */
function differs(
  reader: string,
  read: readonly ReadRequest[],
  wanted: readonly ReadRequest[],
  broken: boolean,
): string | undefined {
  let next = 0
  for (const each of read) {
    const found = wanted.findIndex((own, index) => index >= next && isSame(each, own))
    // Not whole: cut off by a refusal, or by the end of what was forwarded.
    if (found === -1 && (each.complete || (!broken && wanted.every((own) => own.method !== each.method))))
      return `${reader} reads ${JSON.stringify(read)}, the sidecar ${JSON.stringify(wanted)}`
    if (found !== -1) next = found + 1
  }
  return undefined
}

function isSame(read: ReadRequest, own: ReadRequest): boolean {
  return (
    read.complete === own.complete &&
    read.method === own.method &&
    pathOf(read.target) === pathOf(own.target) &&
    read.length === own.length
  )
}

/** Gateways may turn the absolute form into the origin form. */
function pathOf(target: string | undefined): string {
  return target?.replace(/^https?:\/\/[^/?]*/i, '').replace(/^(?!\/)/, '/') ?? ''
}
