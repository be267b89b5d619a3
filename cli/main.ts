#!/usr/bin/env node
// The `sidetrack` command, and `kubectl sidetrack`.

import { runProgram } from '../runtime/program.ts'
import { runCommandLine } from './program.ts'

// Whoever reads may stop reading, as `head` does: that is no error.
process.stdout.on('error', () => process.exit(0))

const { stdin, stdout, stderr } = process
void runProgram((signal) => runCommandLine(process.argv.slice(2), { signal, stdin, stdout, stderr }))
