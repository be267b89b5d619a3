// Offers of another protocol in a request: WebSocket and the like go on, `h2c` does not (RFC 9110 §7.8).

import type { Edits } from './edits.ts'
import type { FieldScanner } from './fields.ts'
import { listElements } from './list.ts'

/**
 * True if the request really asks for another protocol. An offer of `h2c` (the JDK's client makes one with every request) is taken out
 * through `edits`, since the upstream would start HTTP/2 in mid-connection: it is only ever an offer, and HTTP/1.1 is a valid answer.
 */
export function offersUpgrade(
  bytes: Buffer,
  fields: FieldScanner,
  options: readonly string[],
  minor: number,
  edits: Edits,
): boolean {
  if (fields.count('upgrade') === 0 && fields.count('http2-settings') === 0) return false
  const offered = listElements(fields.value(bytes, 'upgrade') ?? '')
  const kept = offered.filter((protocol) => protocol !== '' && protocol.toLowerCase() !== 'h2c')
  if (kept.length < offered.length || fields.count('http2-settings') > 0) {
    withdraw(bytes, fields, 'upgrade', kept.join(', '), edits)
    withdraw(bytes, fields, 'http2-settings', '', edits)
    const rest = options.filter((option) => option !== 'http2-settings' && (option !== 'upgrade' || kept.length > 0))
    if (rest.length < options.length) withdraw(bytes, fields, 'connection', rest.join(', '), edits)
  }
  return kept.length > 0 && minor === 1 && options.includes('upgrade')
}

/** Leaves `value` in the field's first line and takes its other lines out; an empty value takes out the first as well. */
function withdraw(bytes: Buffer, fields: FieldScanner, field: string, value: string, edits: Edits): void {
  for (const [index, line] of fields.linesOf(bytes, field).entries()) {
    if (index === 0 && value !== '') edits.replace(fields.valueStart(line), fields.valueEnd(line), value)
    else edits.replace(fields.lineStart(line), fields.lineEnd(line), '')
  }
}
