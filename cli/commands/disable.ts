// `sidetrack disable deploy/x`.

import type { Command } from 'commander'
import type { OptInOptions } from '../opt-in/set.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command
    .argument('<workloads...>', 'deploy/NAME, sts/NAME, ds/NAME, rollout/NAME')
    .action(async (names: readonly string[]) => {
      const { optIn } = await import('../opt-in/set.ts')
      const options: OptInOptions = command.optsWithGlobals()
      await optIn(names, false, options, session)
    })
}
