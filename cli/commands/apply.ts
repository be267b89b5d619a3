// `sidetrack apply NAME`.

import type { Command } from 'commander'
import { declare } from '../sandbox/declaration.ts'
import type { Session } from '../session.ts'

const EXAMPLES = `
What is not typed is as in a new sandbox, whatever it was before. Labels and annotations that it has besides stay.

Examples:
  sidetrack apply pr-42 --fork deploy/cart --image cart=registry/cart:pr-42-3 --wait
  sidetrack apply -f sandbox.yaml --image cart=registry/cart:pr-42-3`

export function define(command: Command, session: Session): void {
  declare(command, session, async () => (await import('../sandbox/apply.ts')).applySandbox)
  command.addHelpText('after', EXAMPLES)
}
