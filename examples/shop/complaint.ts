// What a part of the shop complains about on stderr, as one line for a person. Sidetrack logs JSON lines, services plain text.

interface LogLine {
  readonly level?: string
  readonly msg?: string
  readonly faults?: readonly { readonly line: number; readonly column: number; readonly message: string }[]
  /** Fields of the log line's own. */
  readonly [field: string]: unknown
}

/** Fields that a person who looks at the demo knows already. */
const KNOWN = new Set(['level', 'time', 'name', 'msg', 'file', 'sidecar', 'service', 'faults', 'code'])

/** Undefined for what is no warning. */
export function readComplaint(line: string): string | undefined {
  const log = parse(line)
  if (log === undefined) return line
  const { level, msg = '', faults = [] } = log
  if (level === 'debug' || level === 'info') return undefined
  const fields = Object.entries(log).filter(([field]) => !KNOWN.has(field))
  const details = fields.map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const [fault, ...more] = faults
  if (fault !== undefined) details.push(`${fault.message} in line ${fault.line}, column ${fault.column}`)
  if (more.length > 0) details.push(`and ${more.length} more`)
  return details.length === 0 ? msg : `${msg}: ${details.join(', ')}`
}

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const log: LogLine = JSON.parse(line)
    return log
  } catch {
    return undefined
  }
}
