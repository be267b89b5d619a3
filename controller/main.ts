// The controller's process.

import { Client } from '../kubernetes/client.ts'
import { findCredentials } from '../kubernetes/credentials/find.ts'
import { readConfig } from '../runtime/config.ts'
import { pinoLog } from '../runtime/pino-log.ts'
import { runProgram } from '../runtime/program.ts'
import { CONTROLLER_SETTINGS } from './config.ts'
import { type ControllerParts, runController } from './controller.ts'
import { reconcile } from './reconcile/reconciler.ts'

void runProgram(async (signal) => {
  const config = readConfig(CONTROLLER_SETTINGS)
  const log = pinoLog(config.logLevel, { name: 'controller' })
  const client = new Client(await findCredentials(config), 'sidetrack-controller')
  const { namespace, pod, ttl, longestTtl, sandboxes } = config
  const limits = { ttl: { defaultMs: ttl, maximumMs: longestTtl }, perNamespace: sandboxes }
  const parts: ControllerParts = {
    client,
    log,
    reconcile: (metrics, term) => reconcile({ client, log, namespace, pod, limits, metrics }, term),
  }
  await runController(config, parts, signal)
  return 0
})
