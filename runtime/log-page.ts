// The admin page that shows a program's log level, and changes it: `curl -X PUT -d debug …/log-level`.

import type { Page } from './admin.ts'
import { parseChoice } from './config.ts'
import { LOG_LEVELS, type LevelledLog } from './log.ts'

export function logPage(log: LevelledLog): Page {
  const parse = parseChoice(LOG_LEVELS)
  return {
    title: 'the least level that is logged; PUT another one',
    content: () => `${log.level}\n`,
    put(text) {
      const [from, to] = [log.level, parse(text)]
      log.level = to
      log[to]({ from, to }, 'log level changed')
    },
  }
}
