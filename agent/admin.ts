// The agent's admin server: the same pages whatever feeds it.

import { type Admin, type Page, startAdmin } from '../runtime/admin.ts'
import { logPage } from '../runtime/log-page.ts'
import type { LevelledLog } from '../runtime/log.ts'
import type { Readiness } from '../runtime/readiness.ts'
import { VERSION } from '../runtime/version.ts'
import type { AgentConfig } from './config.ts'
import type { HopLog } from './hop-log.ts'
import type { Hub } from './hub.ts'
import type { Metrics } from './metrics.ts'
import { sidecarsPage, tablesPage } from './pages.ts'

/** `pages` come beside the usual ones, or in their place. Throws ST2004 if the endpoint cannot be listened on. */
export function startAgentAdmin(
  config: AgentConfig,
  log: LevelledLog,
  readiness: Readiness,
  hub: Hub,
  metrics: Metrics,
  hops: HopLog,
  pages: Readonly<Record<string, Page>> = {},
): Promise<Admin> {
  return startAdmin(config.admin, readiness, {
    '/metrics': {
      title: 'Prometheus metrics',
      content: () => metrics.text(),
      type: 'text/plain; version=0.0.4',
      open: true,
    },
    '/config': { title: 'the effective configuration', content: () => ({ version: VERSION, ...config }) },
    '/log-level': logPage(log),
    '/tables': { title: 'services, listeners and routes', content: () => tablesPage(hub) },
    '/sidecars': { title: 'the state of every sidecar', content: () => sidecarsPage(hub) },
    '/hops': { title: 'traced requests that passed the sidecars, the latest last', content: () => hops.latest },
    ...pages,
  })
}
