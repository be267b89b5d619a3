import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { faultOf, readmeLines, typeLines } from './readme.ts'

const README = readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8')

t.test('the README goes from nothing to a request with a key, and takes the cluster down', async (t) => {
  const lines = readmeLines(README)
  t.match(lines[0], /^npm ci/)
  t.match(lines.at(-2), /^kubectl .* exec .*baggage: 'sidetrack=pr-42'/)
  t.equal(lines.at(-1), 'npm run cluster -- down')
  t.notOk(lines.some((line) => line.includes(' # ')))
})

t.test('lines are typed into one shell; behind one that fails only the last is', async (t) => {
  const said: string[] = []
  const lines = [
    'export A=1 && echo hi >&2',
    'alias say="echo it is"',
    'say $A',
    'cat && false',
    'echo not this',
    'echo last',
  ]
  const done = await typeLines(lines, process.env, (text) => said.push(text))
  t.same(
    done.map(({ code, output }) => [code, output]),
    [
      [0, 'hi\n'],
      [0, ''],
      [0, 'it is 1\n'],
      [1, ''],
      [0, 'last\n'],
    ],
  )
  t.match(said[3], /^ +\d+\.\d s {2}✗ cat && false$/)
})

t.test('an answer is right if cart alone was the fork', async (t) => {
  t.equal(faultOf(`warning\n${answer(['cart', 'pr-42'], ['pricing', 'baseline'])}\n`), undefined)
  t.equal(faultOf(answer(['cart', 'baseline'])), 'passed cart as baseline')
  t.equal(faultOf(answer(['cart', 'pr-42'], ['pricing', 'pr-42'])), 'passed pricing as pr-42')
  t.equal(faultOf(answer(['pricing', 'baseline'])), 'it did not pass cart')
  t.match(faultOf('kubectl: not found'), /no answer of the shop/)
})

function answer(...hops: readonly (readonly [to: string, variant: string])[]): string {
  return JSON.stringify({ service: 'storefront', path: hops.map(([to, variant]) => ({ to, variant })) })
}
