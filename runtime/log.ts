// The contract of a log: JSON lines with a level, a time in milliseconds and fields. Two implementations: pino, and plain lines.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** One whose least level can be changed while it is used. */
export interface LevelledLog extends Log {
  level: string
}
