import t from 'tap'
import { happenings } from '../../../controller/reconcile/happenings.ts'
import type { Condition } from '../../../kubernetes/resources/meta.ts'

function condition(type: string, status: 'True' | 'False', reason: string, message = ''): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' }
}
const PULLING = condition('ForksAvailable', 'False', 'ImageNotPulled', 'no such image')
const READY = condition('Ready', 'True', 'Ready', 'go')

const CASES: readonly [string, readonly Condition[], readonly Condition[], readonly string[]][] = [
  ['it becomes ready', [condition('Ready', 'False', 'Starting')], [READY], ['Normal Ready: go']],
  ['it is ready still', [READY], [{ ...READY, message: 'go on' }], []],
  ['it is no longer ready: its other conditions tell', [READY], [condition('Ready', 'False', 'Waiting')], []],
  ['a fork starts', [], [condition('ForksAvailable', 'False', 'Starting')], []],
  ['a fork is in trouble', [], [PULLING], ['Warning ImageNotPulled: no such image']],
  ['the same trouble', [PULLING], [{ ...PULLING }], []],
  ['another trouble', [PULLING], [{ ...PULLING, message: 'denied' }], ['Warning ImageNotPulled: denied']],
  ['its trouble is over', [PULLING], [condition('ForksAvailable', 'True', 'Available')], []],
  ['somebody has its key', [], [condition('Conflict', 'True', 'KeyTaken', 'x')], ['Warning KeyTaken: x']],
  ['nobody has', [], [condition('Conflict', 'False', 'NoConflict')], []],
  ['there is something to know', [], [condition('Warned', 'True', 'SharesVolume', 'x')], ['Warning SharesVolume: x']],
]

for (const [name, before, after, expected] of CASES) {
  t.test(name, async (t) => {
    t.strictSame(
      happenings(before, after).map(({ type, reason, note }) => `${type} ${reason}: ${note}`),
      expected,
    )
  })
}
