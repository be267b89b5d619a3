// The sidecar's log: the lines that pino would write, without the 8 MB that pino costs in every pod.

import { LOG_LEVELS, type Log, type LogFields, type LogLevel } from './log.ts'

export function lineLog(level: LogLevel, bindings: LogFields, write: (line: string) => void): Log {
  const least = LOG_LEVELS.indexOf(level)
  const at = (each: LogLevel) =>
    LOG_LEVELS.indexOf(each) < least
      ? () => {}
      : (fields: LogFields, message: string) =>
          write(
            `${JSON.stringify({ level: each, time: new Date().toISOString(), ...bindings, ...plain(fields), msg: message })}\n`,
          )
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Errors as their message and code: JSON would make them `{}`. */
function plain(fields: LogFields): LogFields {
  if (!(fields['err'] instanceof Error)) return fields
  const { message, code } = fields['err'] as NodeJS.ErrnoException
  return { ...fields, err: { message, ...(code === undefined ? {} : { code }) } }
}
