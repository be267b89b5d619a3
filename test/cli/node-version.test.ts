import { readFileSync } from 'node:fs'
import t from 'tap'
import { LEAST_NODE, unfitNode } from '../../cli/node-version.ts'

t.test('a Node that is too old is told so, with what to do', async (t) => {
  for (const old of ['20.20.2', '24.0.0', '24.18.0', '24.9.9', '8.0.0'])
    t.match(
      unfitNode(old),
      /^sidetrack: Node.js [\d.]+ is too old: version 24.18.1 or newer is needed\n {2}Install it/,
      old,
    )
  for (const fit of ['24.18.1', '24.18.2', '24.20.0', '26.0.0', '100.0.0']) t.equal(unfitNode(fit), undefined, fit)
})

t.test('package.json names the same version', async (t) => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
  t.equal(engines.node, `>=${LEAST_NODE}`)
})

t.test('the program looks at the version before it loads anything else', async (t) => {
  const main = readFileSync('cli/main.ts', 'utf8')
  t.same(main.match(/^import .*$/gm), ["import { unfitNode } from './node-version.ts'"])
})
