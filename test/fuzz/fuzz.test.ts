// A few seconds of `npm run fuzz` with a seed that never changes, so that the fuzzer itself keeps working.

import t from 'tap'
import { runCampaign } from './campaign.ts'
import { minimise } from './minimise.ts'
import { parseOptions } from './options.ts'
import { expectedOf } from './http1/expected.ts'
import { Random } from './random.ts'

t.test('a short run with a fixed seed finds nothing', async (t) => {
  const lines: string[] = []
  const clean = await runCampaign(parseOptions(['--seed', 'fixed', '--seconds', '8']), (line) => lines.push(line))
  for (const line of lines) t.comment(line)
  t.ok(clean, lines.filter((line) => line.startsWith('FINDING')).join('\n'))
  t.equal(lines.length, 4, 'each target ran')
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

t.test('the command line says what is wrong with it', async (t) => {
  t.throws(() => parseOptions(['--only', 'x']), /--only takes http1/)
  t.throws(() => parseOptions(['--seconds', '-1']))
  t.throws(() => parseOptions(['else']), /unknown/)
})
