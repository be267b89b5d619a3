// JSON for people who read it in a terminal: what fits on a line stays on one line.

const LINE_WIDTH = 110

export function formatJson(value: object): string {
  return layOut(JSON.parse(JSON.stringify(value)), '', 0)
}

/** `room` is the width that a value may take to stay on its line; the page itself never does. */
function layOut(value: unknown, indent: string, room: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const deeper = `${indent}  `
  const items = (width: number) =>
    Array.isArray(value)
      ? value.map((item) => layOut(item, deeper, width))
      : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${layOut(item, deeper, width)}`)
  const line = `${open}${items(Infinity).join(', ')}${close}`
  if (line.length <= room) return line
  return `${open}\n${deeper}${items(LINE_WIDTH - deeper.length).join(`,\n${deeper}`)}\n${indent}${close}`
}
