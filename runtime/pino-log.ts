// The log of agent and controller, on stderr.

import { destination, pino, stdTimeFunctions } from 'pino'
import type { LevelledLog, LogFields, LogLevel } from './log.ts'

export function pinoLog(level: LogLevel, bindings: LogFields): LevelledLog {
  const options = {
    level,
    base: bindings,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(options, destination({ fd: 2, sync: true }))
}
