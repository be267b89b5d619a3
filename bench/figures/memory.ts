// The figures of the memory measurement.

import type { MemoryResult } from '../memory.ts'
import { memoryBudgets } from '../memory-report.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

const MEGABYTE = 1e6

export function memoryFigures(result: MemoryResult): readonly Figure[] {
  const { idle, together, connections, transfers } = result
  return [
    megabytes('RSS idle', [idle.rss]),
    megabytes(
      `PSS of each of ${together.length}`,
      together.map(({ pss }) => pss),
    ),
    megabytes(
      `private memory of each of ${together.length}`,
      together.map(({ own }) => own),
    ),
    megabytes(`RSS with ${connections.count} connections`, [connections.rss]),
    ...transfers.map(({ direction, protocol, bytes, before, peak }) =>
      megabytes(`RSS growth, ${bytes / 2 ** 20} MiB ${direction}, ${protocol}`, [peak - before]),
    ),
    ...budgetFigures(memoryBudgets(result), 'budgets of sidetrack'),
  ]
}

function megabytes(name: string, bytes: readonly number[]): Figure {
  return figure(
    name,
    'sidetrack',
    'MB',
    bytes.map((each) => each / MEGABYTE),
  )
}
