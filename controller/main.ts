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
  const credentials = await findCredentials(config)
  const client = new Client(credentials, 'sidetrack-controller')
  const { namespace, pod, ttl, longestTtl, sandboxes } = config
  const limits = { ttl: { defaultMs: ttl, maximumMs: longestTtl }, perNamespace: sandboxes }
  const parts: ControllerParts = {
    client,
    log,
    async reconcile(metrics, term) {
      // With connections of its own: what renews the lease must not wait behind thousands of sandboxes.
      const own = new Client(credentials, 'sidetrack-controller')
      await reconcile({ client: own, log, namespace, pod, limits, metrics }, term).finally(() => own.close())
    },
  }
  await runController(config, parts, signal)
  return 0
})
