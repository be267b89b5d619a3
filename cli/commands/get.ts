// `sidetrack get NAME`.

import type { Command } from 'commander'
import type { ClusterOptions } from '../connect.ts'
import { type Format, formatOption, objectText, shown } from '../output.ts'
import { describe } from '../sandbox/sentences.ts'
import type { Session } from '../session.ts'

interface Options extends ClusterOptions {
  readonly output?: Format
}

export function define(command: Command, session: Session): void {
  command
    .argument('<name>', 'the sandbox')
    .addOption(formatOption())
    .action((name: string) => get(name, command.optsWithGlobals(), session))
}

async function get(name: string, options: Options, { signal, stdout }: Session): Promise<void> {
  const { connect } = await import('../connect.ts')
  const { findSandbox } = await import('../sandbox/find.ts')
  const sandbox = await findSandbox(await connect(options), name, signal)
  const { output } = options
  stdout.write(output === undefined ? describe(sandbox, Date.now()) : await objectText(shown(sandbox), output))
}
