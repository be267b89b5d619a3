// How far the nodes are with the routes that were written for somebody.

import { newest } from '../../kubernetes/resource-version.ts'
import type { Programmed } from '../../kubernetes/resources/sandbox.ts'
import type { Desired } from '../plan/desired.ts'
import type { ProgrammedState } from '../programmed/programmed.ts'
import { listed } from '../sandbox/finding.ts'
import type { Parts } from './parts.ts'

export interface RoutesInForce {
  readonly wanted: Programmed
  readonly state: ProgrammedState
}

/** `routes` are written. `before`: what was in force once. */
export function routesInForce(
  who: string,
  routes: readonly Desired[],
  before: Programmed | undefined,
  { view, inForce }: Pick<Parts, 'view' | 'inForce'>,
): RoutesInForce {
  const versions = { routes: new Set<string>(), tables: new Set<string>() }
  const missing = new Set<string>()
  for (const { metadata, spec } of routes) {
    const table = 'table' in spec ? String(spec.table) : ''
    const written = view.routes.get(metadata.namespace, metadata.name)
    const known = view.tables.get(metadata.namespace, table)
    if (known === undefined) missing.add(table)
    versions.routes.add(written?.metadata.resourceVersion ?? '0')
    versions.tables.add(known?.metadata.resourceVersion ?? '0')
  }
  const wanted = { routes: newest(versions.routes), tables: newest(versions.tables) }
  if (missing.size > 0) {
    inForce.forget(who)
    const message = `Service ${listed([...missing])} has no RoutingTable yet.`
    return { wanted, state: { programmed: false, reason: 'NoTable', message } }
  }
  const state = inForce.state(who, wanted, before)
  if (routes.length === 0) inForce.forget(who)
  return { wanted, state }
}
