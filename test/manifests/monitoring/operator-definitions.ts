// The definitions of the Prometheus Operator, from its Go module: what a cluster knows that has it.

import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { run } from '../../cluster/command.ts'

const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.85.0'
const KINDS = ['podmonitors', 'prometheusrules']

/** Their files. */
export async function operatorDefinitions(): Promise<readonly string[]> {
  const { Dir }: { readonly Dir: string } = JSON.parse(
    await run('go', ['mod', 'download', '-json', MODULE], { cwd: tmpdir() }),
  )
  return KINDS.map((kind) => join(Dir, `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`))
}
