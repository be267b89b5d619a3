// The controller's process.

import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../kubernetes/client.ts'
import { findCredentials } from '../kubernetes/credentials/find.ts'
import { readConfig } from '../runtime/config.ts'
import { pinoLog } from '../runtime/pino-log.ts'
import { runProgram } from '../runtime/program.ts'
import { VERSION } from '../runtime/version.ts'
import { CONTROLLER_SETTINGS } from './config.ts'
import { type ControllerParts, runController } from './controller.ts'
import { reconcile } from './reconcile/reconciler.ts'
import { NO_TRACING, startTracing } from './tracing.ts'

const LAST_SPANS_MS = 2000

void runProgram(async (signal) => {
  const config = readConfig(CONTROLLER_SETTINGS)
  const log = pinoLog(config.logLevel, { name: 'controller' })
  const credentials = await findCredentials(config)
  const client = new Client(credentials, 'sidetrack-controller')
  const { namespace, pod, ttl, longestTtl, sandboxes } = config
  const limits = { ttl: { defaultMs: ttl, maximumMs: longestTtl }, perNamespace: sandboxes }
  const tracing = config.traces === '' ? NO_TRACING : await startTracing(config.traces, pod, VERSION)
  const { look } = tracing
  const parts: ControllerParts = {
    client,
    log,
    async reconcile(metrics, term) {
      // With connections of its own: what renews the lease must not wait behind thousands of sandboxes.
      const own = new Client(credentials, 'sidetrack-controller')
      await reconcile({ client: own, log, namespace, pod, limits, metrics, look }, term).finally(() => own.close())
    },
  }
  await runController(config, parts, signal)
  // A collector that is away holds nothing up.
  await Promise.race([tracing.close().catch(() => {}), sleep(LAST_SPANS_MS)])
  return 0
})
