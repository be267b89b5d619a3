// JSON for people who read it in a terminal: what fits on a line stays on one line.

const LINE_WIDTH = 110

export function formatJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value)
  if (
    typeof value !== 'object' ||
    value === null ||
    indent.length + line.length <= LINE_WIDTH / (indent === '' ? 4 : 1)
  ) {
    return line
  }
  const deeper = `${indent}  `
  const items = Array.isArray(value)
    ? value.map((item) => `${deeper}${formatJson(item, deeper)}`)
    : Object.entries(value).map(([name, item]) => `${deeper}${JSON.stringify(name)}: ${formatJson(item, deeper)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return `${open}\n${items.join(',\n')}\n${indent}${close}`
}
