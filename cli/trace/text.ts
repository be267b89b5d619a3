// A trace as a person sees it: one line a hop with variant, status and time, then where it ends and why.

import type { TraceEnd } from './ends.ts'
import type { Sent } from './send.ts'
import { type TraceNode, hopsOf, isPodOf } from './tree.ts'

export interface Trace {
  readonly id: string
  /** What was sent to begin with; undefined for one that was sent earlier. */
  readonly request: Sent | undefined
  readonly tree: readonly TraceNode[]
  /** Sidecars have the names of the pods that they stand beside; without Kubernetes a name says nothing. */
  readonly knowsCallers: boolean
  readonly ends: readonly TraceEnd[]
  /** Agents whose reports could not be read, and why. */
  readonly unread: readonly string[]
}

interface Row {
  /** The first with the tree's own characters before it. */
  readonly cells: readonly string[]
  readonly note: string
}

/** Ends with a newline. */
export function traceText({ id, request, tree, knowsCallers, ends, unread }: Trace): string {
  const head = request === undefined ? [] : [`${request.method} ${request.url}  ${answerText(request)}`]
  const rows = rowsOf(tree, undefined, '', knowsCallers)
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map(({ cells }) => (cells.length > 1 ? (cells[column]?.length ?? 0) : 0))),
  )
  const lines = rows.map(({ cells, note }) =>
    [...cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)), note].join('  ').trimEnd(),
  )
  const inferred = hopsOf(tree).some(({ joined }) => joined === 'inferred')
  const said = [
    ...(inferred ? ['~ has its place by pod and time: what sent it did not say where it came from'] : []),
    ...ends.flatMap(({ text, mend }) => [text, `    → ${mend}`]),
    ...unread.map((text) => `! ${text}`),
  ]
  return [...head, ...lines, '', ...said, `trace ${id}`].map((line) => `${line}\n`).join('')
}

function rowsOf(
  nodes: readonly TraceNode[],
  above: TraceNode | undefined,
  indent: string,
  knowsCallers: boolean,
): readonly Row[] {
  const callers = [...Map.groupBy(nodes, ({ sidecar }) => sidecar)]
  // Who calls goes without saying where it is the pod that was called.
  const isPlain = !knowsCallers || (above !== undefined && callers.every(([pod]) => isPodOf(pod, above.hop.service)))
  if (isPlain) return nodes.flatMap((node, index) => hopRows(node, index === nodes.length - 1, indent, knowsCallers))
  return callers.flatMap(([pod, calls], index) => {
    const last = index === callers.length - 1
    const note = above === undefined ? '(no sidecar saw what it was called by)' : '(behind others that have no sidecar)'
    const inner = `${indent}${last ? '   ' : '│  '}`
    const caller: Row = { cells: [`${indent}${last ? '└─ ' : '├─ '}from ${pod}`], note }
    return [caller].concat(calls.flatMap((node, at) => hopRows(node, at === calls.length - 1, inner, knowsCallers)))
  })
}

function hopRows(node: TraceNode, last: boolean, indent: string, knowsCallers: boolean): readonly Row[] {
  const { hop, joined, children } = node
  const branch = `${indent}${last ? '└─ ' : '├─ '}${joined === 'inferred' ? '~ ' : ''}`
  const answer = hop.status === 0 ? 'no answer' : hop.code === '' ? String(hop.status) : `${hop.status} ${hop.code}`
  const variant = hop.to === '' ? '-' : hop.fork === '' ? 'baseline' : hop.fork
  const what = `${hop.method} ${hop.path}`
  const name = hop.inbound ? `${hop.service} (taken in by its own sidecar)` : hop.service
  return [
    { cells: [branch + name, variant, what], note: `${answer}  ${timeText(hop.milliseconds)}` },
    ...rowsOf(children, node, `${indent}${last ? '   ' : '│  '}`, knowsCallers),
  ]
}

function answerText({ status, milliseconds, route }: Sent): string {
  const from = route === undefined ? '' : `  from ${route}`
  return `${status}  ${timeText(milliseconds)}${from}`
}

function timeText(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`
}
