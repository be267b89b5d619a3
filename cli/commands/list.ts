// `sidetrack list`.

import type { Command } from 'commander'
import type { ClusterOptions } from '../connect.ts'
import { type Format, formatOption, listOf, objectText } from '../output.ts'
import { headings, rowOf } from '../sandbox/rows.ts'
import type { Session } from '../session.ts'
import { tableText } from '../table.ts'

interface Options extends ClusterOptions {
  readonly allNamespaces?: boolean
  readonly selector?: string
  readonly output?: Format | 'wide'
}

export function define(command: Command, session: Session): void {
  command
    .alias('ls')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <labels>', 'only those with these labels: team=pay,env!=prod')
    .addOption(formatOption('wide'))
    .action(() => list(command.optsWithGlobals(), session))
}

async function list(options: Options, { signal, stdout, stderr }: Session): Promise<void> {
  const { connect } = await import('../connect.ts')
  const { SANDBOXES } = await import('../../kubernetes/resources/sidetrack.ts')
  const { client, namespace } = await connect(options)
  const everywhere = options.allNamespaces === true
  const selection = { namespace: everywhere ? undefined : namespace, labelSelector: options.selector }
  const { items } = await client.list(SANDBOXES, selection, signal)
  if (options.output === 'json' || options.output === 'yaml') {
    stdout.write(await objectText(listOf(items), options.output))
  } else if (items.length === 0) {
    stderr.write(everywhere ? 'There are no sandboxes.\n' : `There are no sandboxes in namespace ${namespace}.\n`)
  } else {
    const columns = { namespace: everywhere, wide: options.output === 'wide' }
    const now = Date.now()
    stdout.write(
      tableText(
        headings(columns),
        items.map((item) => rowOf(item, columns, now)),
      ),
    )
  }
}
