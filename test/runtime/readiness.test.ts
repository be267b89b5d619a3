import t from 'tap'
import { Readiness } from '../../runtime/readiness.ts'

t.test('a process is ready when nothing is pending', async (t) => {
  const readiness = new Readiness()
  t.ok(readiness.ready)
  readiness.pending('routes', 'not read yet')
  readiness.pending('sidecars', 'none has answered')
  t.notOk(readiness.ready)
  t.strictSame(readiness.reasons(), { routes: 'not read yet', sidecars: 'none has answered' })
  readiness.done('routes')
  t.notOk(readiness.ready)
  readiness.done('sidecars')
  t.ok(readiness.ready)
  t.strictSame(readiness.reasons(), {})
})

t.test('a name holds its last reason, and can be pending again', async (t) => {
  const readiness = new Readiness()
  readiness.pending('routes', 'first')
  readiness.pending('routes', 'second')
  t.strictSame(readiness.reasons(), { routes: 'second' })
  readiness.done('routes')
  readiness.done('never pending')
  t.ok(readiness.ready)
  readiness.pending('routes', 'third')
  t.notOk(readiness.ready)
})
