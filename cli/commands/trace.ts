// `sidetrack trace URL`, `sidetrack trace --id ID`.

import { type Command, Option } from 'commander'
import { isTraceId } from '../../core/hop.ts'
import { isRoutingKey } from '../../core/routing-key.ts'
import type { ClusterOptions } from '../connect.ts'
import type { Session } from '../session.ts'
import { wrong } from '../wrong.ts'

interface Options extends ClusterOptions {
  readonly key?: string
  readonly id?: string
  readonly request?: string
  readonly header: readonly string[]
  readonly data?: string
  readonly insecure?: boolean
  readonly agent?: string
  readonly output?: 'json'
}

export function define(command: Command, session: Session): void {
  command
    .argument('[url]', 'where to send a request: http://shop.example/cart')
    .option('--key <key>', 'its routing key, or several in order of precedence: pr-42.pr-57; none if not given')
    .option('--id <id>', 'in place of a URL: draw the trace of a request that was sent earlier with ;trace=ID')
    .option('-X, --request <method>', 'of the request; GET, or POST with --data')
    .option(
      '-H, --header <line>',
      'one more header of the request',
      (line: string, all: string[]) => [...all, line],
      [],
    )
    .option('-d, --data <text>', 'its body')
    .option('-k, --insecure', "do not check the site's certificate")
    .option('--agent <address>', 'without Kubernetes: where the agent serves its pages, 127.0.0.1:15020')
    .addOption(new Option('-o, --output <format>', 'for machines').choices(['json']))
    .action((url: string | undefined) => trace(url, command.optsWithGlobals(), session))
}

/** Ends with exit code 1 if no sidecar has reported anything. */
async function trace(text: string | undefined, options: Options, session: Session): Promise<void> {
  const { signal, stdout, stderr, finish } = session
  if ((text === undefined) === (options.id === undefined)) throw wrong('give either a URL or --id')
  if (options.id !== undefined && !isTraceId(options.id)) throw wrong(`${JSON.stringify(options.id)} is no trace id`)
  const { newTraceId, sendTraced } = await import('../trace/send.ts')
  const id = options.id ?? newTraceId()
  const keys = options.key ?? `trace-${id.slice(0, 8)}`
  const bad = keys.split('.').find((key) => !isRoutingKey(key))
  if (bad !== undefined) throw wrong(`${JSON.stringify(bad)} is no routing key: 1 to 63 letters, digits, - and _`)
  const { collect, reportsOfAgent, reportsOfCluster } = await import('../trace/reports.ts')
  const { connect } = await import('../connect.ts')
  const client = options.agent === undefined ? (await connect(options)).client : undefined
  const read = client === undefined ? reportsOfAgent(options.agent ?? '') : reportsOfCluster(client)
  // Whether they may be read is better known before something is sent.
  if (text !== undefined) await read(id, 1, signal)
  const startedAt = performance.now()
  const request = text === undefined ? undefined : await sendTraced(outgoing(text, options), keys, id, signal)
  const seconds = request === undefined ? undefined : Math.ceil((performance.now() - startedAt) / 1000) + 10
  const { lines, unread } = await collect(read, id, seconds, signal)
  const { traceTree, hopsOf } = await import('../trace/tree.ts')
  const { endsOf } = await import('../trace/ends.ts')
  const { watchedPods } = await import('../trace/watched.ts')
  const tree = traceTree(lines)
  const watched = client === undefined ? () => undefined : await watchedPods(client, lines, signal)
  const ends = endsOf(tree, watched)
  if (options.output === 'json') {
    const hops = hopsOf(tree).map(({ sidecar, hop, joined }) => ({ sidecar, joined, hop }))
    stdout.write(`${JSON.stringify({ id, request, hops, ends, unread }, undefined, 2)}\n`)
  } else {
    const { traceText } = await import('../trace/text.ts')
    stdout.write(traceText({ id, request, tree, knowsCallers: client !== undefined, ends, unread }))
  }
  if (lines.length > 0) return
  stderr.write(NOTHING)
  finish(1)
}

const NOTHING = `No sidecar has reported this request. Either no pod that it passed has one, or who was called first dropped its baggage
header, or the agents log nothing below \`warn\`.
  → sidetrack check; then opt in who calls the forked Services: sidetrack enable deploy/CALLER
`

function outgoing(text: string, { request, header, data, insecure }: Options) {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw wrong(`${text} is no address like https://shop.example/`)
  const odd = header.find((line) => line.indexOf(':') < 1)
  if (odd !== undefined) throw wrong(`--header ${JSON.stringify(odd)} is no line like "name: value"`)
  const method = request ?? (data === undefined ? 'GET' : 'POST')
  return { url, method, headers: header, body: data, insecure: insecure === true }
}
