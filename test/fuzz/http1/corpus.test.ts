// Every request and response of the corpus that the sidecar forwards is read behind it as the sidecar reads it: requests by llhttp, nginx and
// HAProxy, responses by llhttp.

import t from 'tap'
import type { Case } from '../../sidecar/http1/corpus/case.ts'
import { gateway } from '../../sidecar/http1/corpus/9110-7-gateway.ts'
import { switching } from '../../sidecar/http1/corpus/9110-7-switching.ts'
import { tunnels } from '../../sidecar/http1/corpus/9110-9-tunnels.ts'
import { interim } from '../../sidecar/http1/corpus/9110-15-interim.ts'
import { message } from '../../sidecar/http1/corpus/9112-2-message.ts'
import { responseHeads } from '../../sidecar/http1/corpus/9112-4-responses.ts'
import { requestLine } from '../../sidecar/http1/corpus/9112-3-request-line.ts'
import { fields } from '../../sidecar/http1/corpus/9112-5-fields.ts'
import { responseFraming } from '../../sidecar/http1/corpus/9112-6-response-framing.ts'
import { requestFraming } from '../../sidecar/http1/corpus/9112-6-request-framing.ts'
import { chunkedRequests } from '../../sidecar/http1/corpus/9112-7-chunked.ts'
import { connection } from '../../sidecar/http1/corpus/9112-9-connection.ts'
import { edges } from '../../sidecar/http1/corpus/9112-edges.ts'
import { Random } from '../random.ts'
import { startHttp1 } from './http1.ts'
import { startResponses } from './responses.ts'

const TABLES: readonly (readonly Case[])[] = [
  message,
  requestLine,
  fields,
  requestFraming,
  chunkedRequests,
  edges,
  connection,
  switching,
  tunnels,
  gateway,
  interim,
]

/** The upstream of this test answers everything with 200, which turns CONNECT into a tunnel: what is behind it is no request. */
const TUNNEL = /^CONNECT [^]*\r\n\r\n[^]/m

const ALLOWED: Readonly<Record<string, string>> = {
  'Upgrade in HTTP/1.0 asks for nothing':
    'llhttp takes it for an upgrade against RFC 9110 §7.8; a 101 to it becomes a 502, so nothing behind it is read as a tunnel',
}

t.test('nothing of the corpus is read differently behind the sidecar', async (t) => {
  const target = await startHttp1('http1')
  t.teardown(() => target.close())
  const random = new Random('corpus')
  const seen = new Set<string>()
  for (const each of TABLES.flat()) {
    const [first] = each.steps
    if (first === undefined || !('send' in first) || seen.has(first.send) || TUNNEL.test(first.send)) continue
    seen.add(first.send)
    const fault = await target.execute(Buffer.from(first.send, 'latin1'), random)
    if (each.name in ALLOWED) t.ok(fault, ALLOWED[each.name] ?? '')
    else if (fault !== undefined) t.fail(`${each.rfc}: ${each.name}: ${fault}`)
  }
  t.comment(`${seen.size} inputs: ${target.summary()}`)
  t.ok(seen.size > 500)
})

const ANSWERED: readonly (readonly Case[])[] = [responseHeads, responseFraming, connection, switching, tunnels, interim]

/** The letter of `ASKED` in the grammar of responses that is nearest to the request. */
function letterOf(request: string): string {
  if (/^upgrade: websocket/im.test(request)) return 'U'
  return request.startsWith('CONNECT') ? 'C' : request.startsWith('HEAD') ? 'H' : 'G'
}

t.test('no response of the corpus is read differently by a client of the sidecar', async (t) => {
  const target = await startResponses()
  t.teardown(() => target.close())
  const random = new Random('corpus')
  const seen = new Set<string>()
  for (const each of ANSWERED.flat()) {
    const [first] = each.steps
    const answered = each.steps.find((step) => 'reply' in step)
    if (first === undefined || !('send' in first) || answered === undefined) continue
    const input = letterOf(first.send) + answered.reply
    if (seen.has(input)) continue
    seen.add(input)
    const fault = await target.execute(Buffer.from(input, 'latin1'), random)
    if (fault !== undefined) t.fail(`${each.rfc}: ${each.name}: ${fault}`)
  }
  t.comment(`${seen.size} inputs: ${target.summary()}`)
  t.ok(seen.size > 100)
})
