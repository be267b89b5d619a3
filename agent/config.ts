// The agent's settings.

import { KUBERNETES_SETTINGS } from '../kubernetes/credentials/find.ts'
import { type Config, parseChoice, parseEndpoint, readConfig } from '../runtime/config.ts'
import { SidetrackError } from '../runtime/errors.ts'
import { LOG_LEVELS } from '../runtime/log.ts'

export const AGENT_SETTINGS = {
  file: {
    name: 'SIDETRACK_FILE',
    doc: 'the routes file, of a machine without Kubernetes',
    fallback: '',
    parse: (text: string) => text,
  },
  node: {
    name: 'SIDETRACK_NODE',
    doc: 'in place of a routes file: the Kubernetes node whose pods are redirected, and on which the agent runs',
    fallback: '',
    parse: (text: string) => text,
  },
  state: {
    name: 'SIDETRACK_STATE',
    doc: 'with SIDETRACK_NODE: a folder of the node for what has to outlive the agent, but not the node',
    fallback: '/run/sidetrack',
    parse: (text: string) => text,
  },
  remove: {
    name: 'SIDETRACK_REMOVE',
    doc: 'with SIDETRACK_NODE: true takes every redirect away and makes no new one, before Sidetrack is removed from the cluster',
    fallback: 'false',
    parse: (text: string) => parseChoice(['true', 'false'])(text) === 'true',
  },
  listen: {
    name: 'SIDETRACK_LISTEN',
    doc: 'with SIDETRACK_FILE: where sidecars connect: HOST:PORT or unix:/PATH',
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
  ...KUBERNETES_SETTINGS,
} as const

export type AgentConfig = Config<typeof AGENT_SETTINGS>

/** Throws ST2001; also if it is not clear where routes come from. */
export function readAgentConfig(environment?: NodeJS.ProcessEnv): AgentConfig {
  const config = readConfig(AGENT_SETTINGS, environment)
  if ((config.file === '') === (config.node === '')) {
    const given = config.file === '' ? 'neither is given' : 'both are given'
    throw new SidetrackError(
      'ST2001',
      `routes come either from a file (SIDETRACK_FILE) or from Kubernetes (SIDETRACK_NODE): ${given}`,
    )
  }
  return config
}
