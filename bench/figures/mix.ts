// The figures of the checked mix: how many answers were looked at, and how many of them were not right.

import { errorCount } from '../load/wrk.ts'
import type { MixResult } from '../mix.ts'
import { figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

export function mixFigures({ wrk, paced }: MixResult): readonly Figure[] {
  const none = { most: 0 }
  return [
    figure('requests', 'as fast as it goes', '', [wrk.requests]),
    figure('wrong answers', 'as fast as it goes', '', [wrk.wrong], none),
    figure('requests lost', 'as fast as it goes', '', [errorCount(wrk)], none),
    figure('requests', 'at a constant rate', '', [paced.sent]),
    figure('wrong answers', 'at a constant rate', '', [paced.wrong], none),
    figure('requests lost', 'at a constant rate', '', [paced.errors], none),
  ]
}
