// `sidetrack delete NAME`.

import type { Command } from 'commander'
import { parseDuration } from '../../core/duration.ts'
import type { ClusterOptions } from '../connect.ts'
import type { Session } from '../session.ts'
import { wrong } from '../wrong.ts'

interface Options extends ClusterOptions {
  readonly wait?: boolean
  readonly timeout: string
  readonly ignoreNotFound?: boolean
}

export function define(command: Command, session: Session): void {
  command
    .argument('<names...>', 'the sandboxes')
    .option('--wait', 'until nothing of it is left: routes, forks, pods')
    .option('--timeout <duration>', 'how long to wait', '2m')
    .option('--ignore-not-found', 'one that is not there is no error')
    .action((names: readonly string[]) => deleteAll(names, command.optsWithGlobals(), session))
}

async function deleteAll(names: readonly string[], options: Options, { signal, stdout }: Session): Promise<void> {
  const timeoutMs = parseDuration(options.timeout)
  if (timeoutMs === undefined) throw wrong(`--timeout ${options.timeout} is no duration like 90s or 5m`)
  const { connect } = await import('../connect.ts')
  const { SANDBOXES } = await import('../../kubernetes/resources/sidetrack.ts')
  const { noSandbox } = await import('../sandbox/find.ts')
  const { waitForEnd } = await import('../sandbox/remains.ts')
  const { client, namespace } = await connect(options)
  for (const name of names) {
    const found = await client.delete(SANDBOXES, { namespace, name }, { propagationPolicy: 'Background' }, signal)
    if (!found && options.ignoreNotFound !== true) throw noSandbox(namespace, name)
    if (options.wait === true) await waitForEnd(client, { namespace, name }, timeoutMs, signal)
    if (found) stdout.write(`sandbox ${namespace}/${name} deleted\n`)
  }
}
