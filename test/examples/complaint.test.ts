import t from 'tap'
import { readComplaint } from '../../examples/shop/complaint.ts'

t.test('a warning of Sidetrack is a line that says what it is about', async (t) => {
  const log = {
    level: 'warn',
    time: 'now',
    name: 'sidecar',
    sidecar: 'cart',
    service: 'cart',
    route: 'cart=pr-99',
    reason: 'ECONNREFUSED',
  }
  t.equal(
    readComplaint(JSON.stringify({ ...log, msg: 'fork unreachable' })),
    'fork unreachable: cart=pr-99, ECONNREFUSED',
  )
})

t.test('a refused routes file is told with its first fault and the place of it', async (t) => {
  const faults = [
    { line: 2, column: 3, message: '`listen` is missing' },
    { line: 9, column: 1, message: 'odd' },
  ]
  const line = JSON.stringify({
    level: 'error',
    name: 'agent',
    file: '/x',
    faults,
    code: 'ST2003',
    msg: 'routes file refused',
  })
  t.equal(readComplaint(line), 'routes file refused: `listen` is missing in line 2, column 3, and 1 more')
})

t.test('what is no warning is passed over, what is no log line is shown as it is', async (t) => {
  t.equal(readComplaint('{"level":"info","msg":"hello"}'), undefined)
  for (const line of ['Error: broken', '{broken', '']) t.equal(readComplaint(line), line)
})
