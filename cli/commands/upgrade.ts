// `sidetrack upgrade`: an installation of another version becomes one of this program's.

import type { Command } from 'commander'
import type { InstallOptions } from '../install/install.ts'
import type { Session } from '../session.ts'
import { installationOptions } from './install.ts'

export function define(command: Command, session: Session): void {
  installationOptions(command).action(async () => {
    const { upgrade } = await import('../install/install.ts')
    const options: InstallOptions = command.optsWithGlobals()
    await upgrade(options, session)
  })
}
