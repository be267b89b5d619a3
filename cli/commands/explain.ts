// `sidetrack explain NAME`.

import { styleText } from 'node:util'
import type { Command } from 'commander'
import { SidetrackError } from '../../runtime/errors.ts'
import type { ClusterOptions } from '../connect.ts'
import type { Paint } from '../explain/link.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command.argument('<name>', 'the sandbox').action(async (name: string) => {
    const { connect } = await import('../connect.ts')
    const { look } = await import('../explain/look.ts')
    const { explain, explanationText } = await import('../explain/explanation.ts')
    const { signal, stdout, finish } = session
    const options: ClusterOptions = command.optsWithGlobals()
    const cluster = await connect(options)
    const world = await look(cluster, name, signal).catch(async (error: unknown) => {
      if (!(error instanceof SidetrackError) || error.code !== 'ST3005') throw error
      const { lookForAbsent } = await import('../explain/absent.ts')
      const { client, namespace } = cluster
      const why = await lookForAbsent(client, name, namespace, signal)
      if (why === undefined) throw error
      throw new SidetrackError('ST3005', `there is no sandbox ${name} in namespace ${namespace}: ${why}`, {
        cause: error,
      })
    })
    const explanation = explain(world)
    const paint: Paint = (ink, sign) => styleText(ink, sign, { stream: stdout })
    stdout.write(explanationText(explanation, paint))
    if (explanation.broken !== undefined) finish(1)
  })
}
