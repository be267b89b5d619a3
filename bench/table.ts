// Text tables for people.

export type Row = readonly string[]

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
export function formatTable(header: Row, rows: readonly Row[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: Row): string =>
    widths
      .map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd()
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** `12.3`, or `-` for what was not measured. */
export function number(value: number, digits = 1): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-'
}

/** `12.3 [11.9–13.0]`. */
export function range(
  value: { readonly median: number; readonly min: number; readonly max: number },
  digits = 1,
): string {
  if (!Number.isFinite(value.median)) return '-'
  return `${number(value.median, digits)} [${number(value.min, digits)}–${number(value.max, digits)}]`
}

/** A share as `95 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${number(share * 100, 0)} %` : '-'
}
