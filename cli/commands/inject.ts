// `sidetrack inject`: manifests in, the same manifests with their workloads opted in out.

import type { Command } from 'commander'
import type { OptIn } from '../opt-in/annotations.ts'
import type { Session } from '../session.ts'

export function define(command: Command, session: Session): void {
  command
    .argument('[file]', 'YAML or JSON, - for standard input', '-')
    .option('--inbound', 'route calls that come to the pods as well, as from an ingress without a sidecar')
    .addHelpText('after', '\nExample:\n  kustomize build overlays/dev | sidetrack inject | kubectl apply -f -')
    .action(async (file: string, options: OptIn) => {
      const { readInput } = await import('../text-input.ts')
      const { annotationsFor } = await import('../opt-in/annotations.ts')
      const { injectInto } = await import('../opt-in/inject.ts')
      const { text, workloads } = injectInto(await readInput(file, session.stdin), annotationsFor(options))
      session.stdout.write(text)
      const names = workloads.length === 0 ? 'no workload is in it' : workloads.join(', ')
      session.stderr.write(`opted in: ${names}\n`)
    })
}
