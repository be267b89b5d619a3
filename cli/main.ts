#!/usr/bin/env node
// The `sidetrack` command, and `kubectl sidetrack`.

import { unfitNode } from './node-version.ts'

const unfit = unfitNode(process.versions.node)
if (unfit === undefined) {
  const [{ runProgram }, { runCommandLine }] = await Promise.all([
    import('../runtime/program.ts'),
    import('./program.ts'),
  ])
  // Whoever reads may stop reading, as `head` does: that is no error.
  process.stdout.on('error', () => process.exit(0))
  const { stdin, stdout, stderr } = process
  void runProgram((signal) => runCommandLine(process.argv.slice(2), { signal, stdin, stdout, stderr }))
} else {
  process.stderr.write(unfit)
  process.exitCode = 1
}
