// `sidetrack run FILE`.

import { type Command, Option } from 'commander'
import { LOG_LEVELS } from '../../runtime/log.ts'
import { type RunOptions, run } from '../run.ts'
import type { Session } from '../session.ts'

export function define(command: Command, { signal, stdout, finish }: Session): void {
  command
    .description('Run agent and sidecars on this machine, in the foreground, from a routes file; without Kubernetes.')
    .argument('<file>', 'services with their listeners, baselines and routes, in YAML; followed while it runs')
    .option('--admin <address>', 'where health, readiness, metrics and tables are served', '127.0.0.1:0')
    .option('--drain <seconds>', 'how long requests in progress may take when it is stopped', '10')
    .addOption(
      new Option('--log-level <level>', 'the least level that is logged to stderr')
        .choices([...LOG_LEVELS])
        .default('warn'),
    )
    .action(async (file: string, options: RunOptions) => {
      finish(await run(file, options, signal, (text) => stdout.write(text)))
    })
}
