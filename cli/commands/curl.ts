// `sidetrack curl NAME -- URL …`: the real curl.

import { spawn } from 'node:child_process'
import type { Command } from 'commander'
import { SidetrackError } from '../../runtime/errors.ts'
import type { ClusterOptions } from '../connect.ts'
import { withRoutingKey } from '../curl-arguments.ts'
import { readiness } from '../sandbox/sentences.ts'
import { isTrue, routingKeyOf } from '../sandbox/status.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command
    .argument('<name>', 'the sandbox')
    .argument('<args...>', "curl's own arguments, after --")
    .usage("[options] <name> -- <url> [curl's options]")
    .action((name: string, args: readonly string[]) => curl(name, args, command.optsWithGlobals(), session))
}

async function curl(name: string, args: readonly string[], options: ClusterOptions, session: Session): Promise<void> {
  const { connect } = await import('../connect.ts')
  const { findSandbox } = await import('../sandbox/find.ts')
  const sandbox = await findSandbox(await connect(options), name, session.signal)
  if (!isTrue(sandbox, 'Ready')) session.stderr.write(`sandbox ${name} is not ready: ${readiness(sandbox)[0]}\n`)
  session.finish(await runCurl(withRoutingKey(args, routingKeyOf(sandbox))))
}

/** Its exit code. Ctrl-C reaches it by the terminal. */
function runCurl(args: readonly string[]): Promise<number> {
  const child = spawn('curl', args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new SidetrackError('ST4005', `curl cannot be run: ${cause.message}`, { cause })),
    )
    child.on('close', (code) => resolve(code ?? 1))
  })
}
