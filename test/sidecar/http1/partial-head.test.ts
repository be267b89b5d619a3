// A head that comes in pieces is judged as one that comes at once, at the same line, and each of its lines is looked at about once.

import t from 'tap'
import { PartialHead } from '../../../sidecar/http1/partial-head.ts'
import { RequestHead } from '../../../sidecar/http1/request-head.ts'
import { ResponseHead } from '../../../sidecar/http1/response-head.ts'

const lines = (count: number, length = 8) => `X: ${'v'.repeat(length - 5)}\r\n`.repeat(count)

const REQUESTS = {
  'a plain one': 'GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n',
  'no lines at all': 'GET / HTTP/1.0\r\n\r\n',
  'a thousand lines': `GET / HTTP/1.1\r\nHost: a\r\n${lines(999)}\r\n`,
  'a thousand and one lines': `GET / HTTP/1.1\r\nHost: a\r\n${lines(1000)}\r\n`,
  '128 KiB': `GET / HTTP/1.1\r\nHost: a\r\n${lines(63, 2048)}\r\n`,
  'more than 128 KiB': `GET / HTTP/1.1\r\nHost: a\r\n${lines(66, 2048)}\r\n`,
  'two Hosts': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nHost: b\r\n\r\n',
  'a folded line': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\nY: z\r\n\r\n',
  'a line without a colon': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nnothing\r\nY: z\r\n\r\n',
  'a bare line feed': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\nY: z\r\n\r\n',
  'a bare carriage return': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\rY: z\r\nZ: z\r\n\r\n',
  'a control byte': 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nY: \x01\r\nZ: z\r\n\r\n',
  'a bad request line': 'GET /\r\nHost: a\r\n\r\n',
}

const RESPONSES = {
  'a plain one': 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: y\r\n\r\n',
  'folded lines': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nY: d\r\nZ: e\r\n f\r\n\r\n',
  'white space before a colon': 'HTTP/1.1 200 OK\r\nX : a\r\nY: b\r\nZ : c\r\n\r\n',
  'bare line feeds': 'HTTP/1.1 200 OK\nX: a\nY: b\n\n',
  'a thousand lines': `HTTP/1.1 200 OK\r\n${lines(1000)}\r\n`,
  'a thousand and one lines': `HTTP/1.1 200 OK\r\n${lines(1001)}\r\n`,
  'a line without a colon': 'HTTP/1.1 200 OK\r\nX: a\r\nnothing\r\nY: b\r\n\r\n',
}

type Head = RequestHead | ResponseHead
/** After how many pieces what was found, and all that is known of the head then. */
type Found = readonly [pieces: number, outcome: string, facts: unknown]

function facts(head: Head, bytes: Buffer): unknown {
  if ('refusal' in head && head.refusal.detail !== '') return head.refusal
  const { fields } = head
  const line = (at: number) => [
    bytes.toString('latin1', fields.lineStart(at), fields.lineEnd(at)),
    bytes.toString('latin1', fields.valueStart(at), fields.valueEnd(at)),
  ]
  // As a text: comparing a thousand lines as objects takes seconds.
  return JSON.stringify([head.end, fields.gaps, Array.from({ length: fields.lines }, (_, at) => line(at))])
}

/** As the reader of requests and the path of responses do it. */
function inPieces(head: Head, pieces: readonly Buffer[]): Found {
  let held: PartialHead | undefined
  for (const [index, piece] of pieces.entries()) {
    if (held !== undefined && !held.due(piece, head.fields)) continue
    const bytes = held?.take() ?? piece
    const outcome = head.scan(bytes, 0)
    if (outcome !== 'incomplete') return [index, outcome, outcome === 'complete' ? facts(head, bytes) : reason(head)]
    held = new PartialHead(head instanceof ResponseHead)
    held.append(bytes)
    held.scanned(head)
  }
  return [pieces.length, 'incomplete', undefined]
}

/** Looks at everything again with each piece. */
function plainly(head: Head, pieces: readonly Buffer[]): Found {
  for (let count = 1; count <= pieces.length; count++) {
    const bytes = Buffer.concat(pieces.slice(0, count))
    const outcome = head.scan(bytes, 0)
    if (outcome !== 'incomplete')
      return [count - 1, outcome, outcome === 'complete' ? facts(head, bytes) : reason(head)]
  }
  return [pieces.length, 'incomplete', undefined]
}

function reason(head: Head): unknown {
  return head instanceof RequestHead ? head.refusal : head.fault
}

function byLine(text: string): Buffer[] {
  return text.split(/(?<=\n)/).map((line) => Buffer.from(line, 'latin1'))
}

function byByte(text: string): Buffer[] {
  return Array.from(Buffer.from(text, 'latin1'), (byte) => Buffer.of(byte))
}

for (const [kind, heads, make] of [
  ['request', REQUESTS, () => new RequestHead([])],
  ['response', RESPONSES, () => new ResponseHead()],
] as const)
  for (const [name, text] of Object.entries(heads)) {
    t.test(`a ${kind} with ${name} is judged the same in pieces, and at the same line`, async (t) => {
      t.strictSame(inPieces(make(), byLine(text)), plainly(make(), byLine(text)))
      if (text.length > 1000) return
      const [pieces, outcome, found] = plainly(make(), byByte(text))
      const [slower, ...rest] = inPieces(make(), byByte(text))
      t.strictSame(rest, [outcome, found])
      const lineEnd = text.indexOf('\n', pieces)
      t.ok(slower <= (lineEnd === -1 ? text.length : lineEnd), 'not later than at the end of the line')
    })
  }

t.test('a head that comes line by line costs about as much as one that comes at once', async (t) => {
  for (const [head, text] of [
    [new RequestHead([]), `GET / HTTP/1.1\r\nHost: a\r\n${lines(900, 128)}\r\n`],
    [new ResponseHead(), `HTTP/1.1 200 OK\r\n${lines(900, 128)}\r\n`],
  ] as const) {
    const original = head.fields.scan.bind(head.fields)
    let looked = 0
    head.fields.scan = (bytes, start, lenient) => {
      looked += bytes.length - start
      return original(bytes, start, lenient)
    }
    t.equal(inPieces(head, byLine(text))[1], 'complete')
    t.ok(looked < 4 * text.length, `${(looked / text.length).toFixed(1)} times its length was looked at`)
  }
})
