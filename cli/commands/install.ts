// `sidetrack install`: prints the manifests, or applies them.

import type { Command } from 'commander'
import type { InstallOptions } from '../install/install.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  installationOptions(command)
    .option('--apply', 'apply them to the cluster and wait until everything is ready')
    .addHelpText(
      'after',
      `
Examples:
  sidetrack install --registry registry.example/mirror | kubectl apply -f -
  sidetrack install --apply`,
    )
    .action(async () => {
      const { install, printManifests } = await import('../install/install.ts')
      const options: InstallOptions & { readonly apply?: boolean } = command.optsWithGlobals()
      await (options.apply === true ? install(options, session) : printManifests(options, session))
    })
}

/** Those of `install` and `upgrade`. */
export function installationOptions(command: Command): Command {
  return command
    .option('--registry <name>', 'where the images are, if not on Docker Hub: registry.example/mirror')
    .option('--tag <tag>', "of both images; this program's version if not given")
    .option('--values <file>', 'registry, tag, images, controller.replicas and settings in YAML, - for standard input')
    .option('--timeout <duration>', 'how long to wait', '5m')
}
