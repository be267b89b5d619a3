// How far a node is, with pods that are slower than others.

import t from 'tap'
import { type Checkpoint, Frontier } from '../../../agent/node/frontier.ts'

const at = (routes: number, tables = 1): Checkpoint => ({
  routes: String(routes),
  tables: String(tables),
  revision: routes,
  generation: tables,
})
const upTo =
  (revision: number, generation = 1) =>
  (checkpoint: Checkpoint) =>
    checkpoint.revision <= revision && checkpoint.generation <= generation

t.test('it goes as far as all pods are, and no further', async (t) => {
  const frontier = new Frontier()
  for (const routes of [3, 5, 8]) frontier.mark(at(routes))
  t.equal(frontier.advance(upTo(2)), false)
  t.equal(frontier.reached, undefined)
  t.equal(frontier.advance(upTo(6)), true)
  t.strictSame(frontier.reached, at(5))
  t.equal(frontier.advance(upTo(6)), false)
  frontier.advance(upTo(8))
  t.strictSame(frontier.reached, at(8))
})

t.test('it never goes back', async (t) => {
  const frontier = new Frontier()
  frontier.mark(at(3))
  frontier.advance(upTo(3))
  t.equal(frontier.advance(upTo(0)), false)
  t.strictSame(frontier.reached, at(3))
})

t.test('what concerns nobody counts at once', async (t) => {
  const frontier = new Frontier()
  frontier.mark(at(3))
  frontier.advance(upTo(3))
  frontier.mark({ ...at(3), routes: '9' })
  t.equal(frontier.advance(upTo(3)), true)
  t.equal(frontier.reached?.routes, '9')
})

t.test('a table counts when kernels have it too', async (t) => {
  const frontier = new Frontier()
  frontier.mark(at(3, 2))
  t.equal(frontier.advance(upTo(3, 1)), false)
  t.equal(frontier.advance(upTo(3, 2)), true)
})

t.test('one pod that is far behind costs no more than a bounded memory, and the newest state is reached', async (t) => {
  const frontier = new Frontier()
  for (let routes = 1; routes <= 5000; routes++) frontier.mark(at(routes))
  frontier.advance(upTo(5000))
  t.strictSame(frontier.reached, at(5000))
})
