// A table of Markdown.

/** Columns from `numbers` on stand to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers = head.length,
): string {
  return line(head) + line(head.map((_, index) => (index < numbers ? '---' : '--:'))) + rows.map(line).join('')
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}
