// The agent's process.

import { readConfig } from '../runtime/config.ts'
import { pinoLog } from '../runtime/pino-log.ts'
import { aborted, runProgram } from '../runtime/program.ts'
import { AGENT_SETTINGS } from './config.ts'
import { startFileAgent } from './file/agent.ts'

void runProgram(async (signal) => {
  const config = readConfig(AGENT_SETTINGS)
  const log = pinoLog(config.logLevel, { name: 'agent' })
  const agent = await startFileAgent(config, log, signal, (event) => process.send?.(event))
  await aborted(signal)
  agent.stop()
  return 0
})
