// The log of agent and controller.

import { pino, stdTimeFunctions } from 'pino'
import type { Log, LogFields, LogLevel } from './log.ts'

export function pinoLog(level: LogLevel, bindings: LogFields): Log {
  return pino({
    level,
    base: bindings,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  })
}
