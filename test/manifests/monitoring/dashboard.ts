// The dashboard as a test reads it: its queries.

import { readFileSync } from 'node:fs'
import path from 'node:path'

export const DASHBOARD = path.join(import.meta.dirname, '../../../manifests/monitoring/dashboard.json')

export interface PanelQuery {
  readonly panel: string
  readonly query: string
}

/** `interval` stands for what Grafana puts in for the time of a rate. */
export function dashboardQueries(interval: string): readonly PanelQuery[] {
  const dashboard: { panels: { title: string; targets?: { expr: string }[] }[] } = JSON.parse(
    readFileSync(DASHBOARD, 'utf8'),
  )
  return dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, query: expr.replaceAll('$__rate_interval', interval) })),
  )
}

/** The names of metrics in a query, without what makes up a histogram. */
export function metricsOf(query: string): readonly string[] {
  return [...query.matchAll(/\bsidetrack_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''))
}
