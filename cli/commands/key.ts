// `sidetrack key NAME`.

import type { Command } from 'commander'
import type { ClusterOptions } from '../connect.ts'
import { headerOf } from '../sandbox/header.ts'
import { routingKeyOf } from '../sandbox/status.ts'
import type { Session } from '../session.ts'

interface Options extends ClusterOptions {
  readonly header?: boolean
}

export function define(command: Command, session: Session): void {
  command
    .argument('<name>', 'the sandbox')
    .option('--header', 'the whole header: curl -H "$(sidetrack key pr-42 --header)" …')
    .action((name: string) => key(name, command.optsWithGlobals(), session))
}

async function key(name: string, options: Options, { signal, stdout }: Session): Promise<void> {
  const { connect } = await import('../connect.ts')
  const { findSandbox } = await import('../sandbox/find.ts')
  const found = routingKeyOf(await findSandbox(await connect(options), name, signal))
  stdout.write(`${options.header === true ? headerOf(found) : found}\n`)
}
