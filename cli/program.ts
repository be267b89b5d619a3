// The commands by name: each one is loaded only when it is called, since every start pays for what is loaded.

import { Command, CommanderError } from 'commander'
import { EXIT_USAGE } from '../runtime/program.ts'
import { VERSION } from '../runtime/version.ts'
import type { Session } from './session.ts'

export interface CommandModule {
  /** Adds arguments, options and the action. */
  define(command: Command, session: Session): void
}

interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'create',
    summary: 'create a sandbox: forks of workloads that only requests with its key reach',
    load: () => import('./commands/create.ts'),
  },
  {
    name: 'apply',
    summary: 'create a sandbox, or change the one of its name to what is typed',
    load: () => import('./commands/apply.ts'),
  },
  { name: 'list', summary: 'list sandboxes', load: () => import('./commands/list.ts') },
  { name: 'get', summary: 'show one sandbox, and why it is ready or not', load: () => import('./commands/get.ts') },
  {
    name: 'explain',
    summary: 'show the whole chain of a sandbox, its first broken link and how to mend it',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'delete',
    summary: 'delete a sandbox and all that belongs to it',
    load: () => import('./commands/delete.ts'),
  },
  {
    name: 'key',
    summary: 'print the routing key of a sandbox, or the header that carries it',
    load: () => import('./commands/key.ts'),
  },
  {
    name: 'curl',
    summary: 'run curl with the routing key of a sandbox in the request',
    load: () => import('./commands/curl.ts'),
  },
  {
    name: 'enable',
    summary: 'opt a workload in: its new pods get a sidecar',
    load: () => import('./commands/enable.ts'),
  },
  { name: 'disable', summary: 'opt a workload out', load: () => import('./commands/disable.ts') },
  {
    name: 'inject',
    summary: 'opt the workloads of manifests in, from standard input to standard output',
    load: () => import('./commands/inject.ts'),
  },
  {
    name: 'install',
    summary: 'print the manifests of Sidetrack, or apply them',
    load: () => import('./commands/install.ts'),
  },
  {
    name: 'check',
    summary: 'check whether cluster and installation are as they must be; --pre before installing',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'upgrade',
    summary: 'bring the installation in the cluster to this version',
    load: () => import('./commands/upgrade.ts'),
  },
  {
    name: 'uninstall',
    summary: 'remove every redirect, then all of Sidetrack, from the cluster',
    load: () => import('./commands/uninstall.ts'),
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'open',
    summary: 'open a site through a local proxy that adds a routing key to everything that the browser sends',
    load: () => import('./commands/open.ts'),
  },
  {
    name: 'trace',
    summary: 'follow one request through every sidecar that it passes, and say where its key gets lost',
    load: () => import('./commands/trace.ts'),
  },
  {
    name: 'run',
    summary: 'without Kubernetes: run agent and sidecars on this machine from a routes file',
    load: () => import('./commands/run.ts'),
  },
]

/** As shells count an end by SIGINT. */
const EXIT_INTERRUPTED = 130

export const COMMAND_NAMES: readonly string[] = ENTRIES.map(({ name }) => name)

/** Does what `args` say and gives the exit code. Throws what explainError explains. */
export async function runCommandLine(args: readonly string[], streams: Omit<Session, 'finish'>): Promise<number> {
  let code = 0
  const { signal } = streams
  const session = { ...streams, finish: (given: number) => void (code = given) }
  try {
    const program = await sidetrackProgram(session, wantedCommands(args))
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    if (signal.aborted && signal.reason === error) return EXIT_INTERRUPTED
    throw error
  }
  return code
}

/** The program with `wanted` complete, and no more than the names of all other commands. `undefined` completes all. */
export async function sidetrackProgram(session: Session, wanted: readonly string[] | undefined): Promise<Command> {
  const program = new Command('sidetrack')
    .description(
      'Routes the requests that carry a routing key to the services under test, and all others to the baseline.',
    )
    .version(VERSION)
    .option('-n, --namespace <name>', "where to look and create; the context's namespace if not given")
    .option('--context <name>', "one of the kubeconfig's contexts; the current one if not given")
    .option('--kubeconfig <file>', 'in place of KUBECONFIG or ~/.kube/config')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void session.stdout.write(text),
      writeErr: (text) => void session.stderr.write(text),
    })
    .showHelpAfterError('Try `sidetrack --help`.')
  for (const { name, summary, load } of ENTRIES) {
    const command = program.command(name).summary(summary).description(sentence(summary))
    command.showHelpAfterError(`Try \`sidetrack help ${name}\`.`)
    if (wanted === undefined || wanted.includes(name)) (await load()).define(command, session)
  }
  return program
}

/** The commands that a command line may mean: `create`, `help create`; options and their values do no harm. */
function wantedCommands(args: readonly string[]): readonly string[] {
  return args.filter((arg) => COMMAND_NAMES.includes(arg))
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
