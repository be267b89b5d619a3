// The forms of Sidetrack's resources. The compiler compares them with the types in kubernetes/resources/, a test with the schemas.

import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import type { RouteGroup } from '../../kubernetes/resources/route-group.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../kubernetes/resources/routing-table.ts'
import type { KeyOf, Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Form } from './resource-form.ts'

type Own<T> = Form<Omit<T, 'apiVersion' | 'kind' | 'metadata'>>

const CONDITION: Form<Condition> = {
  type: 'string',
  status: { oneOf: { True: true, False: true, Unknown: true } },
  'observedGeneration?': 'integer',
  lastTransitionTime: 'string',
  reason: 'string',
  message: 'string',
}

const KEY_OF: Form<KeyOf> = { name: 'string', key: 'string', 'optional?': 'boolean' }

export const SANDBOX: Own<Sandbox> = {
  spec: {
    'routingKey?': 'string',
    'ttl?': { duration: 'string', 'from?': { oneOf: { created: true, updated: true } } },
    forks: [
      {
        of: { kind: { oneOf: { Deployment: true, StatefulSet: true, Rollout: true } }, name: 'string' },
        'images?': [{ container: 'string', image: 'string' }],
        'env?': [
          {
            container: 'string',
            name: 'string',
            'value?': 'string',
            'valueFrom?': {
              'configMapKeyRef?': KEY_OF,
              'secretKeyRef?': KEY_OF,
              'fieldRef?': { 'apiVersion?': 'string', fieldPath: 'string' },
              'resourceFieldRef?': { 'containerName?': 'string', resource: 'string', 'divisor?': 'string' },
            },
            'delete?': 'boolean',
          },
        ],
        'patch?': { 'metadata?': 'anything', 'spec?': 'anything' },
        'replicas?': 'integer',
      },
    ],
    'unready?': { oneOf: { fail: true, baseline: true } },
  },
  'status?': {
    'observedGeneration?': 'integer',
    'routingKey?': 'string',
    'updatedAt?': 'string',
    'expiresAt?': 'string',
    'conditions?': [CONDITION],
    'services?': [{ name: 'string', fork: 'string', ready: 'boolean', 'reason?': 'string' }],
    'programmed?': { routes: 'string', tables: 'string' },
  },
}

export const ROUTE_GROUP: Own<RouteGroup> = {
  spec: { 'routingKey?': 'string', 'match?': { labels: { values: 'string' } }, 'sandboxes?': ['string'] },
  'status?': {
    'observedGeneration?': 'integer',
    'routingKey?': 'string',
    'conditions?': [CONDITION],
    'sandboxes?': ['string'],
  },
}

export const ROUTING_TABLE: Own<RoutingTable> = {
  spec: {
    service: 'string',
    clusterIPs: ['string'],
    ports: [{ port: 'integer', 'name?': 'string', protocol: { oneOf: { http: true, unknown: true } } }],
    'headless?': 'boolean',
  },
}

export const ROUTE: Own<Route> = {
  spec: {
    table: 'string',
    key: 'string',
    'sandbox?': 'string',
    'port?': 'integer',
    'addresses?': ['string'],
    'ready?': 'boolean',
    'reason?': 'string',
    'unready?': { oneOf: { fail: true, baseline: true } },
  },
  'status?': { 'conditions?': [CONDITION] },
}

export const NODE_REPORT: Own<NodeReport> = {
  'status?': {
    routes: 'string',
    tables: 'string',
    sidecars: 'integer',
    bypassing: [{ namespace: 'string', pod: 'string', reason: 'string', message: 'string', since: 'string' }],
    observedAt: 'string',
  },
}
