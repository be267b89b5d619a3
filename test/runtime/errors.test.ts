import t from 'tap'
import { ERRORS, type ErrorKind, SidetrackError, explainError } from '../../runtime/errors.ts'
import { STATUS_TEXT } from '../../sidecar/http1/status-text.ts'

t.test('every error says in a sentence what happened, and in another what to do', async (t) => {
  for (const [code, { title, next }] of Object.entries<ErrorKind>(ERRORS)) {
    t.match(code, /^ST[1234]\d{3}$/)
    t.match(title, /^[A-Z].*[^.]$/, code)
    t.match(next, /\.$/, code)
  }
})

t.test('every error that an answer carries has a status with a reason phrase', async (t) => {
  for (const [code, { status }] of Object.entries<ErrorKind>(ERRORS)) {
    t.equal(status !== undefined, code.startsWith('ST1'), code)
    if (status !== undefined) t.ok(STATUS_TEXT[status], `${status}`)
  }
})

t.test('an error is explained by its message, its code and what to do', async (t) => {
  const cause = new Error('why')
  const error = new SidetrackError('ST2002', 'routes.yaml cannot be read', { cause })
  t.equal(explainError(error), 'sidetrack: routes.yaml cannot be read (ST2002)\n  Check its path and its permissions.')
  t.equal(error.cause, cause)
  t.equal(error.next, ERRORS.ST2002.next)
})

t.test('any other error is explained by its message, never by a stack', async (t) => {
  t.equal(explainError(new TypeError('oh')), 'sidetrack: oh')
  t.equal(explainError('oh'), 'sidetrack: oh')
})
