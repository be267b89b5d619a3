// Nothing that the sidecar forwards may be read differently by the server behind it: llhttp is that server here.

import http from 'node:http'
import t from 'tap'
import { DEFAULT_CARRIERS } from '../../../core/carrier.ts'
import { Counters } from '../../../sidecar/counters.ts'
import { createDataPlane } from '../../../sidecar/data-plane.ts'
import { Destination } from '../../../sidecar/destination.ts'
import { RequestReader } from '../../../sidecar/http1/request-reader.ts'
import { readByLlhttp } from '../../fixtures/llhttp.ts'
import { ODD_BYTES } from '../../fuzz/http1/framing-grammar.ts'
import { requests as requestsOf } from '../../fuzz/http1/request-grammar.ts'
import { minimise } from '../../fuzz/minimise.ts'
import { mutate } from '../../fuzz/mutation.ts'
import { Random } from '../../fuzz/random.ts'

const RUNS = 20_000
const MARKER = 'GET /marker HTTP/1.1\r\nHost: marker\r\n\r\n'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const counters = new Counters()
const plane = createDataPlane(DEFAULT_CARRIERS, counters, silent)
const options = {
  listen: '127.0.0.1:1',
  service: 'cart',
  baseline: { host: '127.0.0.1', port: 1 },
  protocol: 'http',
} as const
const destination = new Destination({ ...options, tables: [], counts: counters.of('cart') }, DEFAULT_CARRIERS, {
  live: new Set(),
  own: 'own-1',
})

/** What llhttp refuses although the sidecar forwards it: the application answers 400, as it would without the sidecar. */
const STRICTER: readonly {
  readonly why: string
  readonly code: RegExp
  readonly of: (forwarded: string) => boolean
}[] = [
  {
    why: 'llhttp knows a list of methods; RFC 9110 §9.1 leaves it open',
    code: /^HPE_INVALID_(METHOD|CONSTANT|VERSION)$/,
    of: (forwarded) => !http.METHODS.includes(forwarded.split(' ', 1)[0] ?? ''),
  },
  {
    why: 'llhttp takes a Content-Length in the trailers for one in the head; RFC 9110 §6.5.1 has it ignored',
    code: /^HPE_INVALID_CONTENT_LENGTH$/,
    of: (forwarded) => /\r\n\r\n[\s\S]*\r\ncontent-length:/i.test(forwarded),
  },
  {
    why: 'llhttp takes a Transfer-Encoding in the trailers for one in the head; RFC 9110 §6.5.1 has it ignored',
    code: /^HPE_INVALID_TRANSFER_ENCODING$/,
    of: (forwarded) => /\r\n\r\n[\s\S]*\r\ntransfer-encoding:/i.test(forwarded),
  },
  {
    why: 'llhttp allows no white space before a chunk extension; RFC 9112 §7.1.1 does',
    code: /^HPE_INVALID_CHUNK_SIZE$/,
    of: (forwarded) => /\r\n[0-9a-f]+[ \t]+(?:;|$)/i.test(forwarded), // or cut off before it
  },
  {
    why: 'llhttp parses chunk extensions; the sidecar only finds their end',
    code: /^HPE_(STRICT|INVALID_CHUNK_SIZE|CR_EXPECTED)$/,
    of: (forwarded) => /\r\n[0-9a-f]+[ \t]*;/i.test(forwarded),
  },
  {
    why: 'llhttp allows no tab behind a coding; RFC 9110 §5.6.3 does',
    code: /^HPE_INVALID_TRANSFER_ENCODING$/,
    of: (forwarded) => /\r\ntransfer-encoding:.*\t\r\n/i.test(forwarded),
  },
]

interface Outcome {
  readonly forwarded: string | undefined
  readonly fault: string
}

async function compare(bytes: Buffer): Promise<Outcome> {
  const plan = new RequestReader(destination, plane).read(Buffer.from(bytes))
  if (plan?.kind !== 'forward') return { forwarded: undefined, fault: '' }
  const forwarded = plan.bytes.toString('latin1')
  const { body, switching, last, method } = plan
  const target = forwarded.split(' ', 2)[1]
  const rest = body.done && !switching && !last ? MARKER : ''
  const { requests, refused } = await readByLlhttp(Buffer.from(forwarded + rest, 'latin1'))
  if (refused !== undefined) {
    const known = STRICTER.some(({ code, of }) => code.test(refused) && of(forwarded))
    const wanted = known && !requests.some((request) => request.complete)
    return { forwarded, fault: wanted ? '' : `llhttp refuses it: ${refused}` }
  }
  const [first, second, ...more] = requests
  const same = first?.method === method && first.target === target && first.complete === body.done
  const marked = rest === '' ? second === undefined : second?.target === '/marker' && second.complete
  const framed = /^content-length:[ \t]*(\d+)/im.exec(forwarded.split('\r\n\r\n', 1)[0] ?? '')
  const length = framed === null || !body.done || first?.length === Number(framed[1])
  const agrees = same && marked && length && more.length === 0
  return { forwarded, fault: agrees ? '' : `llhttp reads ${JSON.stringify(requests)}` }
}

t.test('llhttp reads every request that is forwarded as the sidecar does', async (t) => {
  const seed = String(Date.now())
  t.comment(`seed ${seed}`)
  const counts = { forwarded: 0, refused: 0 }
  for (let at = 0; at < RUNS; at++) {
    const random = new Random(seed, at)
    const sound = requestsOf(random, random.pick(['http1', 'chunked']))
    const bytes = random.chance(0.5) ? sound : mutate(random, sound, ODD_BYTES)
    const { forwarded, fault } = await compare(bytes)
    counts[forwarded === undefined ? 'refused' : 'forwarded']++
    if (fault === '') continue
    const small = await minimise(bytes, async (fewer) => (await compare(fewer)).fault !== '')
    const { fault: reason, forwarded: passed } = await compare(small)
    t.fail(
      `${at}: ${reason}\nsent:      ${JSON.stringify(small.toString('latin1'))}\nforwarded: ${JSON.stringify(passed)}`,
    )
    break
  }
  t.comment(JSON.stringify(counts))
  t.ok(counts.forwarded > RUNS / 10, 'many were forwarded')
  t.ok(counts.refused > RUNS / 10, 'many were refused')
})

t.test('each difference that is allowed is one', async (t) => {
  const examples = [
    'FROB / HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTransfer-Encoding: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 ;a\r\nx\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\r\nx\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n',
  ]
  t.equal(examples.length, STRICTER.length)
  for (const [index, { why, code, of }] of STRICTER.entries()) {
    const example = examples[index] ?? ''
    t.match((await readByLlhttp(Buffer.from(example))).refused, code, why)
    t.ok(of(example), why)
    t.equal((await compare(Buffer.from(example))).fault, '')
  }
})

t.test('the comparison sees a request that is read differently', async (t) => {
  const smuggled = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${MARKER.length}\r\n\r\n${MARKER}`
  const { requests } = await readByLlhttp(Buffer.from(smuggled + MARKER))
  t.strictSame(
    requests.map(({ target, length }) => [target, length]),
    [
      ['/', MARKER.length],
      ['/marker', 0],
    ],
  )
})
