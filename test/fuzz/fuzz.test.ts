// A few seconds of `npm run fuzz` with a seed that never changes, so that the fuzzer itself keeps working.

import t from 'tap'
import { runCampaign } from './campaign.ts'
import { minimise } from './minimise.ts'
import { parseOptions } from './options.ts'
import { readResponses } from '../fixtures/llhttp-responses.ts'
import { expectedResponse } from './http1/expected-response.ts'
import { expectedOf } from './http1/expected.ts'
import { Random } from './random.ts'
import { TARGET_NAMES } from './target.ts'

t.test('a short run with a fixed seed finds nothing', async (t) => {
  const lines: string[] = []
  const clean = await runCampaign(parseOptions(['--seed', 'fixed', '--seconds', '10']), (line) => lines.push(line))
  for (const line of lines) t.comment(line)
  t.ok(clean, lines.filter((line) => line.startsWith('FINDING')).join('\n'))
  t.equal(lines.length, TARGET_NAMES.length, 'each target ran')
})

function draw(seed: string): number[] {
  const random = new Random(seed)
  return Array.from({ length: 5 }, () => random.next())
}

t.test('the same seed makes the same choices, another one others', async (t) => {
  t.strictSame(draw('a'), draw('a'))
  t.notSame(draw('a'), draw('b'))
})

t.test('a finding is reduced to what it needs', async (t) => {
  const input = Buffer.from('abcdefghijklmnopqrstuvwxyz')
  const small = await minimise(input, async (bytes) => bytes.includes('k') && bytes.includes('q'))
  t.equal(small.toString(), 'kq')
})

t.test('what the sidecar would forward is cut into its requests', async (t) => {
  const first = 'POST /0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nxyz\r\n0\r\n\r\n'
  const second = 'PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy'
  const { requests, ends, open } = expectedOf(Buffer.from(first + second))
  t.strictSame(
    requests.map(({ method, target, length }) => [method, target, length]),
    [
      ['POST', '/0', 3],
      ['PUT', '/1', 2],
    ],
  )
  t.strictSame(ends, [first.length, first.length + second.length])
  t.ok(open)
})

t.test('what the sidecar would pass on of an answer is cut into its responses', async (t) => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n'
  const final = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nxyz\r\n0\r\n\r\n'
  const { responses, forwarded, end, outcome } = expectedResponse(
    'GET',
    Buffer.from(`${interim}${final}more`),
    'cart=a',
  )
  t.strictSame(
    responses.map(({ status, body, complete }) => [status, body.toString(), complete]),
    [
      [103, '', true],
      [200, 'xyz', true],
    ],
  )
  t.equal(
    forwarded.toString(),
    interim.replace('Content-Length: 3\r\n', '') + final.replace('\r\n', '\r\nsidetrack-route: cart=a\r\n'),
  )
  t.equal(end, interim.length + final.length)
  t.equal(outcome, 'closes')
})

function read(text: string, ...methods: readonly string[]): unknown[] {
  const { responses, refused } = readResponses(Buffer.from(text), methods, 'strict')
  return [responses.map(({ status, body, complete }) => [status, body.toString(), complete]), refused]
}

t.test('llhttp reads responses one by one, and says which it refuses', async (t) => {
  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'
  t.strictSame(read(`${ok}${ok}ok`, 'HEAD', 'GET'), [
    [
      [200, '', true],
      [200, 'ok', true],
    ],
    undefined,
  ])
  t.strictSame(read('HTTP/1.1 200 OK\r\n\r\nto the end', 'GET'), [[[200, 'to the end', true]], undefined])
  t.strictSame(read(`${ok}o`, 'GET'), [[[200, 'o', false]], undefined])
  t.strictSame(read(`${ok}${ok}ok`, 'CONNECT'), [[[200, '', true]], undefined])
  t.strictSame(read(`${ok}okHTTP/1.1 2`, 'GET', 'GET'), [[[200, 'ok', true]], undefined])
  t.strictSame(read(`${ok}oknonsense`, 'GET', 'GET'), [[[200, 'ok', true]], 'HPE_INVALID_CONSTANT'])
})

t.test('the command line says what is wrong with it', async (t) => {
  t.throws(() => parseOptions(['--only', 'x']), /--only takes http1/)
  t.throws(() => parseOptions(['--seconds', '-1']))
  t.throws(() => parseOptions(['else']), /unknown/)
})
