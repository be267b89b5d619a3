// The program's commands as completion knows them.

import type { Command } from 'commander'
import type { CompletedCommand, CompletionWord } from './completion.ts'
import { sidetrackProgram } from './program.ts'
import type { Session } from './session.ts'

export async function completedCommands(session: Session): Promise<readonly CompletedCommand[]> {
  const program = await sidetrackProgram(session, undefined)
  const everywhere = optionsOf(program)
  return program.commands.map((command) => ({
    word: command.name(),
    text: command.summary(),
    options: [...optionsOf(command), ...everywhere],
    takesSandbox: command.registeredArguments.some(({ description }) => description.startsWith('the sandbox')),
  }))
}

function optionsOf(command: Command): readonly CompletionWord[] {
  return command.options
    .filter(({ long }) => long !== '--version')
    .flatMap(({ long, short, description }) =>
      [long, short].flatMap((word) => (word === undefined || word === null ? [] : [{ word, text: description }])),
    )
}
