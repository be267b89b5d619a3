// The controller's process.

import { Client } from '../kubernetes/client.ts'
import { findCredentials } from '../kubernetes/credentials/find.ts'
import { readConfig } from '../runtime/config.ts'
import { pinoLog } from '../runtime/pino-log.ts'
import { aborted, runProgram } from '../runtime/program.ts'
import { CONTROLLER_SETTINGS } from './config.ts'
import { runController } from './controller.ts'

void runProgram(async (signal) => {
  const config = readConfig(CONTROLLER_SETTINGS)
  const log = pinoLog(config.logLevel, { name: 'controller' })
  const client = new Client(await findCredentials(config), 'sidetrack-controller')
  await runController(config, { client, log, reconcile: aborted }, signal)
  return 0
})
