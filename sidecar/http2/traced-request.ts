// A traced request on HTTP/2: what a report wants to know of its header block, and the mark that goes upstream. Rare, so the block is read again.

import type { Decision } from '../../core/decision.ts'
import type { TraceMark } from '../../core/hop.ts'
import type { OpenHop } from '../tracer.ts'
import type { Downstream } from './downstream.ts'
import { BlockReader } from './hpack/block-reader.ts'
import { LiteralWriter } from './hpack/literal-writer.ts'

const CARRIER = 'baggage'

/** `block` uses no dynamic table. Undefined if there were too many. */
export function beginHop(
  { context, destination }: Downstream,
  block: Buffer,
  decision: Decision,
  mark: TraceMark,
): OpenHop | undefined {
  const fields = new Map<string, string>()
  for (const { name, reader } of fieldsOf(block)) fields.set(name, textOf(reader))
  const value = (name: string) => fields.get(name) ?? ''
  const request = { mark, destination, decision, protocol: 'HTTP/2' as const }
  const [method, target, traceparent] = [value(':method'), value(':path'), value('traceparent')]
  return context.tracer.begin({ ...request, method, target, traceparent })
}

/** The block with the hop in its carrier, which then has one field. */
export function markHop(block: Buffer, { header }: OpenHop): Buffer {
  const writer = new LiteralWriter()
  let marked = false
  for (const { name, reader } of fieldsOf(block)) {
    if (name !== CARRIER) writer.field(reader)
    else if (!marked) {
      writer.literal(CARRIER, header)
      marked = true
    }
  }
  return writer.take()
}

/** The reader shows the field until the next one is asked for. */
function* fieldsOf(block: Buffer): Generator<{ readonly name: string; readonly reader: BlockReader }> {
  const reader = new BlockReader()
  reader.start(block, 0, block.length, undefined)
  while (reader.next()) yield { name: reader.name.toString('latin1', reader.nameStart, reader.nameEnd), reader }
}

function textOf({ value, valueStart, valueEnd }: BlockReader): string {
  return value.toString('latin1', valueStart, valueEnd)
}
