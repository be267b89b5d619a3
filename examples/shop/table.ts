// Text in columns, for a terminal.

import { stripVTControlCharacters } from 'node:util'

/** Columns of one width each; colours in a cell do not count. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}

export function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
