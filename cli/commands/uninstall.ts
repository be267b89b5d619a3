// `sidetrack uninstall`.

import type { Command } from 'commander'
import type { UninstallOptions } from '../install/uninstall.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command
    .option('--check', 'change nothing: say what is left of Sidetrack in the cluster')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .action(async () => {
      const { checkRemains, uninstall } = await import('../install/uninstall.ts')
      const options: UninstallOptions & { readonly check?: boolean } = command.optsWithGlobals()
      await (options.check === true ? checkRemains(options, session) : uninstall(options, session))
    })
}
