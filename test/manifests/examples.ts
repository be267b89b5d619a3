// Objects that the API server has to take, by what is special about each. The first of each kind says everything that the kind can say.

import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import type { Condition, ObjectMeta } from '../../kubernetes/resources/meta.ts'
import type { RouteGroup } from '../../kubernetes/resources/route-group.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../kubernetes/resources/routing-table.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'

const SINCE = '2026-01-31T09:30:00Z'
const apiVersion = 'sidetrack.dev/v1alpha1'

function named(name: string): ObjectMeta {
  return { namespace: 'default', name }
}

function condition(type: string): Condition {
  return {
    type,
    status: 'True',
    observedGeneration: 1,
    lastTransitionTime: SINCE,
    reason: 'AsItShouldBe',
    message: 'Everything is in force.',
  }
}

export const SANDBOX: Sandbox = {
  apiVersion,
  kind: 'Sandbox',
  metadata: named('pr-42'),
  spec: {
    routingKey: 'PR_42-x',
    ttl: { duration: '2h30m', from: 'created' },
    forks: [
      {
        of: { kind: 'Deployment', name: 'cart' },
        images: [
          { container: 'cart', image: 'registry.example:5000/shop/cart:pr-42' },
          { container: 'migrate', image: 'cart@sha256:0123' },
        ],
        env: [
          { container: 'cart', name: 'FLAG', value: 'on' },
          { container: 'cart', name: 'spring.profile', value: '' },
          { container: 'migrate', name: 'FLAG', delete: true },
          {
            container: 'cart',
            name: 'A',
            valueFrom: { configMapKeyRef: { name: 'a', key: 'b', optional: true } },
            delete: false,
          },
          {
            container: 'cart',
            name: 'B',
            valueFrom: { secretKeyRef: { name: 'a', key: 'b', optional: false } },
          },
          {
            container: 'cart',
            name: 'C',
            valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['a']" } },
          },
          {
            container: 'cart',
            name: 'D',
            valueFrom: { resourceFieldRef: { containerName: 'cart', resource: 'limits.memory', divisor: '1Mi' } },
          },
        ],
        patch: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [{ name: 'cart', resources: { limits: { cpu: 1 } } }] },
        },
        replicas: 2,
      },
      { of: { kind: 'StatefulSet', name: 'cart' } },
      { of: { kind: 'Rollout', name: 'cart.v2' } },
    ],
    unready: 'baseline',
  },
  status: {
    observedGeneration: 1,
    routingKey: 'PR_42-x',
    updatedAt: SINCE,
    expiresAt: SINCE,
    programmed: { routes: '41', tables: '40' },
    conditions: ['Ready', 'ForksAvailable', 'RoutesProgrammed', 'Conflict'].map(condition),
    services: [{ name: 'cart', fork: 'cart--pr-42', ready: false, reason: 'no pod is ready' }],
  },
}

export const ROUTE_GROUP: RouteGroup = {
  apiVersion,
  kind: 'RouteGroup',
  metadata: named('release-7'),
  spec: {
    routingKey: 'release-7',
    match: { labels: { team: 'pay', 'example.com/tier': '' } },
    sandboxes: ['pr-42', 'pr.57'],
  },
  status: {
    observedGeneration: 1,
    routingKey: 'release-7',
    conditions: [condition('Ready')],
    sandboxes: ['pr-42', 'pr.57'],
  },
}

export const ROUTING_TABLE: RoutingTable = {
  apiVersion,
  kind: 'RoutingTable',
  metadata: named('cart'),
  spec: {
    service: 'cart',
    clusterIPs: ['10.96.0.9', 'fd00:96::9'],
    ports: [
      { port: 80, name: 'http', protocol: 'http' },
      { port: 65_535, name: 'other', protocol: 'unknown' },
    ],
    headless: false,
  },
}

export const ROUTE: Route = {
  apiVersion,
  kind: 'Route',
  metadata: named('cart--pr-42'),
  spec: {
    table: 'cart',
    key: 'pr-42',
    sandbox: 'pr-42',
    port: 80,
    addresses: ['10.88.1.7:8080', '[fd00::7]:65535', '172.16.0.1:1', '100.64.0.1:80', '[2001:db8::AB]:80'],
    ready: true,
    reason: 'none',
    unready: 'baseline',
  },
  status: { conditions: [condition('Accepted')] },
}

export const NODE_REPORT: NodeReport = {
  apiVersion,
  kind: 'NodeReport',
  metadata: { name: 'node-1.example' },
  status: {
    routes: '18446744073709551615',
    tables: '0',
    sidecars: 12,
    bypassing: [
      { namespace: 'shop', pod: 'web-1', reason: 'NoSidecar', message: 'It started uninjected.', since: SINCE },
    ],
    observedAt: SINCE,
  },
}

export type Example = Sandbox | RouteGroup | RoutingTable | Route | NodeReport

const ports: RoutingTable['spec']['ports'] = [{ port: 80, protocol: 'http' }]
const forks: Sandbox['spec']['forks'] = [{ of: { kind: 'Deployment', name: 'cart' } }]

export const EXAMPLES: Readonly<Record<string, Example>> = {
  'a Sandbox that says everything': SANDBOX,
  'a Sandbox that says the least': { ...SANDBOX, spec: { forks } },
  'a Sandbox with a name that is no key and a key': {
    ...SANDBOX,
    metadata: named('pr.42'),
    spec: { routingKey: 'a', forks },
  },
  'a Sandbox with the longest key': { ...SANDBOX, spec: { routingKey: 'k'.repeat(63), forks } },
  'a Sandbox with the shortest time to live': { ...SANDBOX, spec: { ttl: { duration: '60s' }, forks } },
  'a Sandbox with a long time to live': { ...SANDBOX, spec: { ttl: { duration: '99999h59m59s' }, forks } },
  'a Sandbox with 20 forks': {
    ...SANDBOX,
    spec: { forks: Array.from({ length: 20 }, (_, i) => ({ of: { kind: 'Deployment', name: `w${i}` } })) },
  },
  'a RouteGroup that says everything': ROUTE_GROUP,
  'a RouteGroup by names': { ...ROUTE_GROUP, spec: { sandboxes: ['pr-42'] } },
  'a RouteGroup by labels': { ...ROUTE_GROUP, spec: { match: { labels: { team: 'pay' } } } },
  'a RoutingTable that says everything': ROUTING_TABLE,
  'a RoutingTable of a headless Service': {
    ...ROUTING_TABLE,
    spec: { service: 'cart', clusterIPs: [], ports, headless: true },
  },
  'a RoutingTable with one address': { ...ROUTING_TABLE, spec: { service: 'cart', clusterIPs: ['fd00:96::9'], ports } },
  'a Route that says everything': ROUTE,
  'a Route that says the least': { ...ROUTE, spec: { table: 'cart', key: 'pr-42', addresses: ['10.88.1.7:8080'] } },
  'a Route that is not ready': { ...ROUTE, spec: { table: 'cart', key: 'pr-42', ready: false, reason: 'no pod' } },
  'a Route with 128 addresses': {
    ...ROUTE,
    spec: {
      table: 'cart',
      key: 'pr-42',
      addresses: Array.from({ length: 128 }, (_, i) => `[fd00:1234:1234:1234:1234:1234:1234:${i + 1}]:8080`),
    },
  },
  'a NodeReport that says everything': NODE_REPORT,
  'a NodeReport of an agent that has just begun': {
    apiVersion,
    kind: 'NodeReport',
    metadata: { name: 'node-1' },
  },
}
