// `sidetrack explain NAME`.

import { styleText } from 'node:util'
import type { Command } from 'commander'
import { SidetrackError } from '../../runtime/errors.ts'
import type { Cluster, ClusterOptions } from '../connect.ts'
import type { Paint } from '../explain/link.ts'
import type { World } from '../explain/world.ts'
import { type Format, formatOption, objectText } from '../output.ts'
import type { Session } from '../session.ts'

interface Options extends ClusterOptions {
  readonly output?: Format
}

export function define(command: Command, session: Session): void {
  command
    .argument('<name>', 'the sandbox')
    .addOption(formatOption())
    .action((name: string) => explainSandbox(name, command.optsWithGlobals(), session))
}

/** Ends with exit code 1 if a link is broken. */
async function explainSandbox(name: string, options: Options, { signal, stdout, finish }: Session): Promise<void> {
  const { connect } = await import('../connect.ts')
  const { explain, explanationText } = await import('../explain/explanation.ts')
  const { linksObject } = await import('../explain/link.ts')
  const explanation = explain(await worldOf(name, await connect(options), signal))
  const paint: Paint = (ink, sign) => styleText(ink, sign, { stream: stdout })
  const { output } = options
  const text =
    output === undefined
      ? explanationText(explanation, paint)
      : await objectText(linksObject(explanation.links), output)
  stdout.write(text)
  if (explanation.broken !== undefined) finish(1)
}

/** Throws ST3005 if there is no such sandbox, with the reason where one can be found. */
async function worldOf(name: string, cluster: Cluster, signal: AbortSignal): Promise<World> {
  const { look } = await import('../explain/look.ts')
  return look(cluster, name, signal).catch(async (error: unknown) => {
    if (!(error instanceof SidetrackError) || error.code !== 'ST3005') throw error
    const { lookForAbsent } = await import('../explain/absent.ts')
    const { client, namespace } = cluster
    const why = await lookForAbsent(client, name, namespace, signal)
    if (why === undefined) throw error
    const message = `there is no sandbox ${name} in namespace ${namespace}: ${why}`
    throw new SidetrackError('ST3005', message, { cause: error })
  })
}
