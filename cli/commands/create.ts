// `sidetrack create NAME`.

import { type Command, Option } from 'commander'
import { parseDuration } from '../../core/duration.ts'
import type { ClusterOptions } from '../connect.ts'
import { type Format, formatOption, objectText, shown } from '../output.ts'
import { sandboxFrom } from '../sandbox/arguments.ts'
import type { ForkFlag } from '../sandbox/fork-flags.ts'
import { headerOf } from '../sandbox/header.ts'
import { fullName, routingKeyOf } from '../sandbox/status.ts'
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

const EXAMPLES = `
Examples:
  sidetrack create pr-42 --fork deploy/cart --image cart=registry/cart:pr-42 --wait
  sidetrack create pr-42 --fork deploy/cart --image cart=registry/cart:pr-42 --env cart:FLAG=on \\
                         --fork sts/ledger --image ledger=registry/ledger:pr-42 --ttl 8h
  sidetrack create pr-42 -f sandbox.yaml --image cart=registry/cart:pr-42`

export function define(command: Command, session: Session): void {
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
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined) => create(name, forks, command.optsWithGlobals(), session))
}

async function create(
  name: string | undefined,
  forks: readonly ForkFlag[],
  options: Options,
  session: Session,
): Promise<void> {
  const timeoutMs = parseDuration(options.timeout)
  if (timeoutMs === undefined) throw wrong(`--timeout ${options.timeout} is no duration like 90s or 5m`)
  const { sandboxFile } = await import('../sandbox/file.ts')
  const file = options.file === undefined ? undefined : await sandboxFile(options.file, session.stdin)
  const wanted = sandboxFrom({ ...options, name, forks }, file)
  const { connect } = await import('../connect.ts')
  const cluster = await connect(options)
  const namespace = namespaceOf(options, wanted.metadata.namespace, cluster.namespace)
  const startedAt = performance.now()
  const { createSandbox } = await import('../sandbox/create.ts')
  const created = await createSandbox(cluster.client, namespace, wanted, session.signal)
  const { stdout, stderr, signal } = session
  if (options.wait !== true) {
    stdout.write(options.output === undefined ? createdText(created) : await objectText(shown(created), options.output))
    return
  }
  const createdAfterMs = performance.now() - startedAt
  const { waitForReady } = await import('../sandbox/wait.ts')
  const ready = await waitForReady(cluster.client, created, { timeoutMs, createdAfterMs, screen: stderr }, signal)
  const text = readyText(ready, performance.now() - startedAt)
  stdout.write(options.output === undefined ? text : await objectText(shown(ready), options.output))
}

/** As kubectl: a file that names a namespace and an option that names another one are a mistake. */
function namespaceOf({ namespace }: Options, inFile: string | undefined, fallback: string): string {
  if (namespace !== undefined && inFile !== undefined && namespace !== inFile)
    throw wrong(`the file is for namespace ${inFile}, and --namespace says ${namespace}`)
  return inFile ?? fallback
}

function createdText(sandbox: Parameters<typeof fullName>[0]): string {
  return `sandbox ${fullName(sandbox)} created; \`sidetrack get ${sandbox.metadata.name}\` shows how it goes on\n`
}

function readyText(sandbox: Parameters<typeof fullName>[0], ms: number): string {
  const header = headerOf(routingKeyOf(sandbox))
  return `sandbox ${fullName(sandbox)} ready after ${secondsText(ms)}\nreach it with  curl -H '${header}' …\n`
}
