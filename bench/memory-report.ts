// The report of the memory measurement, and the budgets.

import { type Budget, formatBudget } from './budget.ts'
import { type MemoryResult, TOGETHER, type TransferResult } from './memory.ts'
import { median } from './median.ts'
import type { Footprint } from './procfs.ts'
import { formatTable, number } from './table.ts'

const MEGABYTE = 1e6

function growth({ before, peak }: TransferResult): number {
  return (peak - before) / MEGABYTE
}

export function countMemoryFailures({ connections, transfers }: MemoryResult): number {
  return connections.failures + transfers.filter(({ bytes, received }) => bytes !== received).length
}

export function memoryBudgets(result: MemoryResult): readonly Budget[] {
  const { idle, together, connections, transfers } = result
  return [
    { what: 'RSS idle', measured: idle.rss / MEGABYTE, limit: 50, unit: ' MB' },
    {
      what: `PSS of each of ${TOGETHER}, the largest`,
      measured: Math.max(...together.map(({ pss }) => pss)) / MEGABYTE,
      limit: 12,
      unit: ' MB',
    },
    {
      what: `RSS with ${connections.count} connections`,
      measured: connections.rss / MEGABYTE,
      limit: 64,
      unit: ' MB',
    },
    ...transfers.map((each) => ({
      what: `RSS growth, ${name(each)}`,
      measured: growth(each),
      limit: 8,
      unit: ' MB',
    })),
    { what: 'wrong answers and errors', measured: countMemoryFailures(result), limit: 0, unit: '' },
  ]
}

function name({ protocol, direction, bytes }: TransferResult): string {
  return `${bytes / 1024 / 1024} MiB ${direction}, ${protocol}`
}

function row(label: string, value: (which: keyof Footprint) => number): readonly string[] {
  return [label, number(value('rss')), number(value('pss')), number(value('own'))]
}

export function formatMemory(result: MemoryResult): string {
  const { idle, together, connections, transfers } = result
  const of = (which: keyof Footprint): readonly number[] => together.map((each) => each[which] / MEGABYTE)
  const still = formatTable(
    ['MB', 'RSS', 'PSS', 'private'],
    [
      row('one, idle', (which) => idle[which] / MEGABYTE),
      row(`one of ${together.length}, median`, (which) => median(of(which))),
      row(`one of ${together.length}, largest`, (which) => Math.max(...of(which))),
    ],
  )
  const open = `${connections.count} connections: RSS ${number(connections.rss / MEGABYTE)} MB, peak ${number(connections.peak / MEGABYTE)} MB, failures ${connections.failures}`
  const moved = formatTable(
    ['MB', 'RSS before', 'peak', 'growth', 'MB/s', 'arrived'],
    transfers.map((each) => [
      name(each),
      number(each.before / MEGABYTE),
      number(each.peak / MEGABYTE),
      number(growth(each)),
      number(each.received / MEGABYTE / each.seconds, 0),
      each.received === each.bytes ? 'all' : String(each.received),
    ]),
  )
  return [still, open, moved, memoryBudgets(result).map(formatBudget).join('\n')].join('\n\n')
}
