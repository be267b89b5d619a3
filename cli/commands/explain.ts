// `sidetrack explain NAME`.

import { styleText } from 'node:util'
import type { Command } from 'commander'
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
    const explanation = explain(await look(await connect(options), name, signal))
    const paint: Paint = (ink, sign) => styleText(ink, sign, { stream: stdout })
    stdout.write(explanationText(explanation, paint))
    if (explanation.broken !== undefined) finish(1)
  })
}
