// `sidetrack create NAME`.

import type { Command } from 'commander'
import { declare } from '../sandbox/declaration.ts'
import type { Session } from '../session.ts'

const EXAMPLES = `
Examples:
  sidetrack create pr-42 --fork deploy/cart --image cart=registry/cart:pr-42 --wait
  sidetrack create pr-42 --fork deploy/cart --image cart=registry/cart:pr-42 --env cart:FLAG=on \\
                         --fork sts/ledger --image ledger=registry/ledger:pr-42 --ttl 8h
  sidetrack create pr-42 -f sandbox.yaml --image cart=registry/cart:pr-42`

export function define(command: Command, session: Session): void {
  declare(command, session, async () => (await import('../sandbox/create.ts')).createSandbox)
  command.addHelpText('after', EXAMPLES)
}
