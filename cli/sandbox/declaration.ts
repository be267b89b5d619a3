// What is typed to say how a sandbox is to be, for `create` and `apply`, and what they do with it.

import { type Command, Option } from 'commander'
import { parseDuration } from '../../core/duration.ts'
import type { Client } from '../../kubernetes/client.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { ClusterOptions } from '../connect.ts'
import { type Format, formatOption, objectText, shown } from '../output.ts'
import { type NewSandbox, sandboxFrom } from './arguments.ts'
import type { ForkFlag } from './fork-flags.ts'
import { headerOf } from './header.ts'
import type { Done } from './phases.ts'
import { fullName, routingKeyOf } from './status.ts'
import type { Session } from '../session.ts'
import { secondsText } from '../time-text.ts'
import { wrong } from '../wrong.ts'

interface Options extends ClusterOptions {
  readonly file?: string
  readonly key?: string
  readonly ttl?: string
  readonly unready?: 'fail' | 'baseline'
  readonly wait?: boolean
  readonly timeout: string
  readonly output?: Format
}

/** Writes the Sandbox to the cluster. */
export type Write = (
  client: Client,
  namespace: string,
  sandbox: NewSandbox,
  signal: AbortSignal,
) => Promise<{ readonly sandbox: Sandbox; readonly done: Done }>

/** `write` is loaded when it is called. */
export function declare(command: Command, session: Session, write: () => Promise<Write>): void {
  const forks: ForkFlag[] = []
  const collect = (flag: ForkFlag['flag']) => (text: string) => {
    forks.push({ flag, text })
    return text
  }
  command
    .argument('[name]', 'its name, and its routing key unless --key says otherwise')
    .option('--fork <workload>', 'what to fork: deploy/NAME, sts/NAME, rollout/NAME; may be repeated', collect('fork'))
    .option('--image <container=image>', 'the image under test in the fork before it', collect('image'))
    .option('--env <container:name=value>', 'a variable in the fork before it; NAME- takes it away', collect('env'))
    .option('--replicas <number>', 'pods of the fork before it; 1 if not given', collect('replicas'))
    .option('--key <key>', 'the routing key; sandboxes of several namespaces may share one')
    .option('--ttl <duration>', 'when it is deleted after its last change: 8h, 2h30m')
    .addOption(
      new Option('--unready <what>', 'what a request gets for a fork that is not ready').choices(['fail', 'baseline']),
    )
    .option('-f, --file <file>', 'a Sandbox in YAML or JSON, - for standard input; the flags change it')
    .option('--wait', 'until the next request with its key goes to its forks, on every node')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .addOption(formatOption())
    .action((name: string | undefined) => run(name, forks, command.optsWithGlobals(), session, write))
}

async function run(
  name: string | undefined,
  forks: readonly ForkFlag[],
  options: Options,
  session: Session,
  load: () => Promise<Write>,
): Promise<void> {
  const timeoutMs = parseDuration(options.timeout)
  if (timeoutMs === undefined) throw wrong(`--timeout ${options.timeout} is no duration like 90s or 5m`)
  const { sandboxFile } = await import('./file.ts')
  const file = options.file === undefined ? undefined : await sandboxFile(options.file, session.stdin)
  const wanted = sandboxFrom({ ...options, name, forks }, file)
  const { connect } = await import('../connect.ts')
  const cluster = await connect(options)
  const namespace = namespaceOf(options, wanted.metadata.namespace, cluster.namespace)
  const startedAt = performance.now()
  const write = await load()
  const { sandbox, done } = await write(cluster.client, namespace, wanted, session.signal)
  const { stdout, stderr, signal } = session
  if (options.wait !== true) {
    stdout.write(
      options.output === undefined ? writtenText(sandbox, done) : await objectText(shown(sandbox), options.output),
    )
    return
  }
  const written = { done, afterMs: performance.now() - startedAt }
  const { waitForReady } = await import('./wait.ts')
  const ready = await waitForReady(cluster.client, sandbox, { timeoutMs, written, screen: stderr }, signal)
  const text = readyText(ready, performance.now() - startedAt)
  stdout.write(options.output === undefined ? text : await objectText(shown(ready), options.output))
}

/** As kubectl: a file that names a namespace and an option that names another one are a mistake. */
function namespaceOf({ namespace }: Options, inFile: string | undefined, fallback: string): string {
  if (namespace !== undefined && inFile !== undefined && namespace !== inFile)
    throw wrong(`the file is for namespace ${inFile}, and --namespace says ${namespace}`)
  return inFile ?? fallback
}

function writtenText(sandbox: Sandbox, done: Done): string {
  return `sandbox ${fullName(sandbox)} ${done}; \`sidetrack get ${sandbox.metadata.name}\` shows how it goes on\n`
}

function readyText(sandbox: Sandbox, ms: number): string {
  const header = headerOf(routingKeyOf(sandbox))
  return `sandbox ${fullName(sandbox)} ready after ${secondsText(ms)}\nreach it with  curl -H '${header}' …\n`
}
