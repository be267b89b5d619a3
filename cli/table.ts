// Text in columns, as kubectl aligns it.

export type Row = readonly string[]

/** The rows under their headings; an empty cell reads as `-`. Ends with a newline. */
export function tableText(headings: Row, rows: readonly Row[]): string {
  const all = [headings, ...rows.map((row) => row.map((cell) => (cell === '' ? '-' : cell)))]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) => `${lineOf(row, widths)}\n`).join('')
}

function lineOf(row: Row, widths: readonly number[]): string {
  return row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('   ')
    .trimEnd()
}
