// What a soak found, for a person and for bench/results.

import { figure } from '../../bench/results/figure.ts'
import type { Figure, Series } from '../../bench/results/result.ts'
import type { Account } from './account.ts'
import type { Course } from './growth.ts'

export interface Found {
  readonly account: Account
  readonly sent: { readonly baseline: number; readonly keyed: number }
  /** Of the ledger without a sidecar. */
  readonly lostWithout: number
  readonly courses: readonly Course[]
  readonly left: readonly string[]
  /** What could not be done, or did not come to rest. */
  readonly failures: readonly string[]
  readonly sandboxes: number
  readonly faults: number
}

/** True if it is as it has to be. */
export function isGood({ account, left, failures, courses }: Found): boolean {
  const isFlat = courses.every((course) => growthOf(course) <= MOST_GROWTH)
  return isFlat && [account.misrouted, account.unexplained, left, failures].every(({ length }) => length === 0)
}

/** What a heap may hold more just before it is collected than just after. */
const MOST_GROWTH = 1.25

function growthOf({ first, last }: Course): number {
  return last / first
}

export function tell(found: Found): readonly string[] {
  const { sent, lostWithout, courses, left, failures, sandboxes, faults } = found
  const { kinds, misrouted, unexplained } = found.account
  const rows = Object.entries(kinds)
    .toSorted(([a, { is }], [b, other]) => other.is.localeCompare(is) || a.localeCompare(b))
    .map(([kind, { times, baseline, keyed, bypassed, how }]) => {
      const counts = [times, baseline, keyed, bypassed].map((count) => String(count).padStart(8)).join(' ')
      return `${kind.padEnd(42)} ${counts}  ${Object.keys(how).length === 0 ? '' : JSON.stringify(how)}`
    })
  return [
    `${'fault or change'.padEnd(42)}    times baseline    keyed bypassed  (lost)`,
    ...rows,
    '',
    `${sent.baseline} baseline and ${sent.keyed} keyed requests, ${faults} faults, ${sandboxes} sandboxes`,
    `misrouted: ${misrouted.length}; lost for no announced reason: ${unexplained.length}; lost by the pod without a sidecar: ${lostWithout}`,
    ...misrouted.slice(0, 20).map((each) => `  misrouted ${JSON.stringify(each)}`),
    ...unexplained.slice(0, 20).map((each) => `  lost ${JSON.stringify(each)}`),
    '',
    ...courses.map(
      ({ component, seconds, first, last, most }) =>
        `${component}: ${first.toFixed(1)} MB, ${last.toFixed(1)} MB ${Math.round(seconds / 60)} minutes later; at most ${most.toFixed(1)} MB`,
    ),
    ...failures.map((each) => `failed: ${each}`),
    left.length === 0 ? 'nothing is left behind' : `left behind: ${left.join('; ')}`,
  ]
}

export function figures(found: Found): readonly Figure[] {
  const { sent, lostWithout, courses, left, failures, sandboxes, faults } = found
  const { kinds, misrouted, unexplained } = found.account
  const subject = 'sidetrack'
  const none = { most: 0 }
  return [
    figure('misrouted requests', subject, '', [misrouted.length], none),
    figure('requests lost for no announced reason', subject, '', [unexplained.length], none),
    figure('leftovers', subject, '', [left.length], none),
    figure('what did not come to rest', subject, '', [failures.length], none),
    figure('baseline requests', subject, '', [sent.baseline]),
    figure('keyed requests', subject, '', [sent.keyed]),
    figure('faults', subject, '', [faults]),
    figure('sandboxes', subject, '', [sandboxes]),
    figure('lost requests', 'a pod without a sidecar', '', [lostWithout]),
    ...Object.entries(kinds).flatMap(([kind, { times, baseline, keyed, bypassed }]) => [
      figure('times', kind, '', [times]),
      figure('lost baseline requests', kind, '', [baseline]),
      figure('lost keyed requests', kind, '', [keyed]),
      figure('keyed requests past a sidecar', kind, '', [bypassed]),
    ]),
    ...courses.flatMap((course) => [
      figure('memory at the start', course.component, 'MB', [course.first]),
      figure('memory at the end', course.component, 'MB', [course.last]),
      figure('growth of memory', course.component, '', [growthOf(course)], {
        most: MOST_GROWTH,
        of: 'its memory at the start',
      }),
      figure('most memory', course.component, 'MB', [course.most]),
    ]),
  ]
}

export function series({ courses }: Found): readonly Series[] {
  return courses.map(({ component, points }) => ({
    name: 'memory during the soak',
    subject: component,
    x: { name: 'time', unit: 's' },
    y: { name: 'memory', unit: 'MB' },
    points,
  }))
}
