// The `sidetrack` command.

import { Command, CommanderError, Option } from 'commander'
import { LOG_LEVELS, type LogLevel } from '../runtime/log.ts'
import { EXIT_USAGE, runProgram } from '../runtime/program.ts'
import { VERSION } from '../runtime/version.ts'
import { run } from './run.ts'

void runProgram(async (signal) => {
  let code = 0
  const program = new Command('sidetrack')
    .description(
      'Routes the requests that carry a routing key to the services under test, and all others to the baseline.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('Try `sidetrack --help`.')
  program
    .command('run')
    .description('run agent and sidecars on this machine, in the foreground, from a routes file')
    .argument('<file>', 'services with their listeners, baselines and routes, in YAML; followed while it runs')
    .option('--admin <address>', 'where health, readiness, metrics and tables are served', '127.0.0.1:0')
    .option('--drain <seconds>', 'how long requests in progress may take when it is stopped', '10')
    .addOption(
      new Option('--log-level <level>', 'the least level that is logged to stderr')
        .choices([...LOG_LEVELS])
        .default('warn'),
    )
    .action(async (file: string, options: { admin: string; drain: string; logLevel: LogLevel }) => {
      code = await run(file, options, signal, (text) => process.stdout.write(text))
    })
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    code = error.exitCode === 0 ? 0 : EXIT_USAGE
  }
  return code
})
