// The agent's process.

import { pinoLog } from '../runtime/pino-log.ts'
import { aborted, runProgram } from '../runtime/program.ts'
import { readAgentConfig } from './config.ts'

void runProgram(async (signal) => {
  const config = readAgentConfig()
  const log = pinoLog(config.logLevel, { name: 'agent' })
  // Each loads what it needs alone: a YAML parser, or a client of Kubernetes.
  const agent =
    config.node === ''
      ? await (await import('./file/agent.ts')).startFileAgent(config, log, signal, (event) => process.send?.(event))
      : await (await import('./node/agent.ts')).startNodeAgent(config, log, signal)
  await aborted(signal)
  agent.stop()
  return 0
})
