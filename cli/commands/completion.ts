// `sidetrack completion SHELL`.

import { Argument, type Command } from 'commander'
import { type Shell, SHELLS } from '../completion.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]))
    .addHelpText('after', '\nExample, for ~/.bashrc:\n  source <(sidetrack completion bash)')
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion.ts')
      const { completedCommands } = await import('../completed-commands.ts')
      session.stdout.write(completionScript(shell, await completedCommands(session)))
    })
}
