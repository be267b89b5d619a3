// The agent's settings.

import { type Config, parseChoice, parseEndpoint } from '../runtime/config.ts'
import { LOG_LEVELS } from '../runtime/log.ts'

export const AGENT_SETTINGS = {
  file: {
    name: 'SIDETRACK_FILE',
    doc: 'the routes file',
    fallback: undefined,
    parse: (text: string) => text,
  },
  listen: {
    name: 'SIDETRACK_LISTEN',
    doc: 'where sidecars connect: HOST:PORT or unix:/PATH',
    fallback: '127.0.0.1:15010',
    parse: parseEndpoint,
  },
  admin: {
    name: 'SIDETRACK_ADMIN',
    doc: 'where health, readiness, metrics and tables are served: HOST:PORT or unix:/PATH',
    fallback: '127.0.0.1:15020',
    parse: parseEndpoint,
  },
  logLevel: {
    name: 'SIDETRACK_LOG_LEVEL',
    doc: `the least level that is logged: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
    parse: parseChoice(LOG_LEVELS),
  },
} as const

export type AgentConfig = Config<typeof AGENT_SETTINGS>
