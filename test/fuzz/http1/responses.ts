// No answer of an upstream that the sidecar passes on may be read differently by the client: by llhttp, as strict and as lenient as it can be.

import { type ReadResponse, type Strictness, readResponses } from '../../fixtures/llhttp-responses.ts'
import { cut, mutate } from '../mutation.ts'
import type { Random } from '../random.ts'
import type { Target } from '../target.ts'
import { type Got, startAnsweringPath } from './answering-path.ts'
import { type ExpectedResponse, expectedResponse } from './expected-response.ts'
import { ODD_BYTES } from './framing-grammar.ts'
import { answer, split } from './response-grammar.ts'

const SECOND = 'HTTP/1.1 299 Second\r\nContent-Length: 6\r\n\r\nsecond'
const SECOND_READ: ReadResponse = { status: 299, body: Buffer.from('second'), complete: true }

export async function startResponses(): Promise<Target> {
  const path = await startAnsweringPath()
  const counts: Record<ExpectedResponse['outcome'] | 'strict llhttp refuses' | 'lenient llhttp refuses', number> = {
    open: 0,
    closes: 0,
    unfinished: 0,
    refused: 0,
    cut: 0,
    tunnel: 0,
    'strict llhttp refuses': 0,
    'lenient llhttp refuses': 0,
  }

  const execute = async (input: Buffer, random: Random): Promise<string | undefined> => {
    const { asked, bytes } = split(input)
    const fork = random.chance(0.3)
    const route = fork ? path.route : undefined
    const expected = expectedResponse(asked, bytes, route)
    const { end, outcome } = expected
    // Without a second one the upstream ends behind its answer, which the client of a fork does not see.
    const second = outcome === 'open' && (fork || random.chance(0.8)) ? secondOf(route) : undefined
    // What is behind the end goes out with it: in a piece of its own it would be the beginning of the second answer.
    const parts = cut(random, bytes.subarray(0, end))
    parts.push(Buffer.concat([parts.pop() ?? Buffer.alloc(0), bytes.subarray(end)]))
    const ends = second === undefined && outcome !== 'cut'
    const got = await path.answer({ asked, parts, ends, fork, second })
    if (path.open() > 0) return `${path.open()} sockets are left`
    if (got.stuck)
      return `the client waits in vain for ${second === undefined ? 'the end' : 'the second answer'} behind ${quote(got.bytes)}`
    counts[outcome]++
    const wanted = [...expected.responses, ...(second === undefined ? [] : [SECOND_READ])]
    const fault =
      outcome === 'refused'
        ? notRefused(expected, got, wanted, parts.length > 1)
        : notPassed(expected, got, second?.got)
    if (fault !== undefined) return fault
    const methods = [asked === 'an upgrade' ? 'GET' : asked, 'GET']
    for (const strictness of ['strict', 'lenient'] as const) {
      const { responses, refused } = readResponses(got.bytes, methods, strictness)
      if (refused !== undefined) counts[`${strictness} llhttp refuses`]++
      const difference = differs(strictness, responses, refused !== undefined || got.ended === 'reset', wanted)
      if (difference !== undefined) return difference
    }
    return undefined
  }

  return {
    name: 'responses',
    concurrency: 1,
    generate: (random) => {
      const bytes = answer(random)
      return random.chance(0.5) ? bytes : mutate(random, bytes, ODD_BYTES)
    },
    execute,
    summary: () => JSON.stringify(counts),
    async close() {
      path.close()
    },
  }
}

function secondOf(route: string | undefined): { readonly sent: Buffer; readonly got: Buffer } {
  const got = route === undefined ? SECOND : SECOND.replace('\r\n', `\r\nsidetrack-route: ${route}\r\n`)
  return { sent: Buffer.from(SECOND), got: Buffer.from(got) }
}

/**
 * Adds the sidecar's own answer to what is wanted of the client. There is none if the upstream's end comes in mid-line: a line that
 * comes in pieces is read when it has ended.
 */
function notRefused(
  { forwarded }: ExpectedResponse,
  { bytes, ended }: Got,
  wanted: ReadResponse[],
  inPieces: boolean,
): string | undefined {
  if (inPieces && bytes.equals(forwarded))
    return ended === 'end' ? undefined : 'the connection goes on behind half a head'
  const own = bytes.subarray(forwarded.length)
  const text = own.toString('latin1')
  if (!bytes.subarray(0, forwarded.length).equals(forwarded) || !/^HTTP\/1\.1 502 .*\r\nsidetrack-error: /s.test(text))
    return `instead of a 502 the client gets ${quote(bytes)}`
  if (ended !== 'end') return 'the connection goes on behind a 502'
  const headOnly = text.endsWith('\r\n\r\n')
  wanted.push({
    status: 502,
    body: headOnly ? Buffer.alloc(0) : own.subarray(text.indexOf('\r\n\r\n') + 4),
    complete: true,
  })
  return undefined
}

function notPassed(
  { forwarded, outcome }: ExpectedResponse,
  { bytes, ended }: Got,
  second: Buffer | undefined,
): string | undefined {
  if (outcome === 'cut') {
    if (ended !== 'reset') return 'a broken body does not reset the connection'
    return forwarded.subarray(0, bytes.length).equals(bytes)
      ? undefined
      : `the client gets other bytes: ${quote(bytes)}`
  }
  const whole = second === undefined ? forwarded : Buffer.concat([forwarded, second])
  if (!bytes.equals(whole)) return `the client gets ${quote(bytes)} instead of ${quote(whole)}`
  return ended === 'reset' ? 'the connection is reset' : undefined
}

/** Each that was read whole must be one of the sidecar's, in their order. One that is refused may be missing, with all behind it. */
function differs(
  strictness: Strictness,
  read: readonly ReadResponse[],
  refused: boolean,
  wanted: readonly ReadResponse[],
): string | undefined {
  const same =
    (refused ? read.length <= wanted.length : read.length === wanted.length) &&
    read.every((each, index) => {
      const own = wanted[index]!
      if (each.status !== own.status) return false
      if (refused && !each.complete) return own.body.subarray(0, each.body.length).equals(each.body)
      return each.complete === own.complete && each.body.equals(own.body)
    })
  return same ? undefined : `${strictness} llhttp reads ${list(read)}, the sidecar ${list(wanted)}`
}

function list(responses: readonly ReadResponse[]): string {
  return responses
    .map(({ status, body, complete }) => `${status} ${quote(body)}${complete ? '' : ', not whole'}`)
    .join(' and ')
}

function quote(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 400))
}
