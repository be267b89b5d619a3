// What the API server has to refuse: an example with one value changed, the field that is at fault, and what is said about it.

import { type Example, NODE_REPORT, ROUTE, ROUTE_GROUP, ROUTING_TABLE, SANDBOX } from './examples.ts'

/** Path of the value that is changed; the value, undefined to take it away; the field at fault if it is another; what is said about it. */
type Case = readonly [path: string, value: unknown, says: string | RegExp, field?: string]

export interface Refusal {
  readonly fact: string
  readonly object: object
  readonly example: Example
  readonly field: string
  readonly says: string | RegExp
}

const NOT_A_KEY = "must be letters, digits, '-' and '_', a letter or digit first and last"
const NOT_AN_ADDRESS = 'must be an IP address and a port, such as 10.88.1.7:8080 or [fd00::7]:8080'
const NOT_OF_A_POD = 'must be the address of a pod, not a loopback, link-local, multicast, broadcast or unspecified one'
const NOT_OF_A_SERVICE =
  'must be the address of a Service, not a loopback, link-local, multicast, broadcast or unspecified one'
const NOT_A_DURATION = 'must be whole hours, minutes and seconds in this order, such as 8h, 2h30m or 90m'
const ONE_OF_ENV = 'must have exactly one of value, valueFrom and delete: true'
const ONE_SOURCE = 'must have exactly one of configMapKeyRef, secretKeyRef, fieldRef and resourceFieldRef'
const NOT_A_NUMBER = 'must be a resourceVersion, a whole number'

const fork = SANDBOX.spec.forks[0]
const many = (count: number, of: (i: number) => unknown) => Array.from({ length: count }, (_, i) => of(i))

const SANDBOX_CASES: readonly Case[] = [
  ['spec', undefined, 'Required value'],
  ['spec.forsk', [], /unknown field "spec.forsk"/, ''],
  ['spec.routingKey', '', /should be at least 1 chars long/],
  ['spec.routingKey', 'pr.42', NOT_A_KEY],
  ['spec.routingKey', '-pr', NOT_A_KEY],
  ['spec.routingKey', 'pr_', NOT_A_KEY],
  ['spec.routingKey', 'pr 42', NOT_A_KEY],
  ['spec.routingKey', 'pr-42\n', NOT_A_KEY],
  ['spec.routingKey', 'k'.repeat(64), /may not be more than 63/],
  ['spec.ttl', {}, 'Required value', 'spec.ttl.duration'],
  ['spec.ttl.duration', '7d', NOT_A_DURATION],
  ['spec.ttl.duration', '1.5h', NOT_A_DURATION],
  ['spec.ttl.duration', '30m2h', NOT_A_DURATION],
  ['spec.ttl.duration', '-8h', NOT_A_DURATION],
  ['spec.ttl.duration', '59s', 'must be at least 1m'],
  ['spec.ttl.duration', '0h', 'must be at least 1m'],
  ['spec.ttl.from', 'now', /supported values: "created", "updated"/],
  ['spec.unready', 'wait', /supported values: "fail", "baseline"/],
  ['spec.forks', undefined, 'Required value'],
  ['spec.forks', [], /should have at least 1 items/],
  ['spec.forks', many(21, (i) => ({ of: { kind: 'Deployment', name: `w${i}` } })), /must have at most 20 items/],
  ['spec.forks', [fork, { of: fork?.of }], 'must not fork the same workload twice'],
  ['spec.forks.0.of', undefined, 'Required value', 'spec.forks[0].of'],
  [
    'spec.forks.1.of.kind',
    'DaemonSet',
    /supported values: "Deployment", "StatefulSet", "Rollout"/,
    'spec.forks[1].of.kind',
  ],
  ['spec.forks.0.of.name', 'Cart', /must be the name of a workload/, 'spec.forks[0].of.name'],
  ['spec.forks.0.of.name', undefined, 'Required value', 'spec.forks[0].of.name'],
  ['spec.forks.0.replicas', 0, /should be greater than or equal to 1/, 'spec.forks[0].replicas'],
  ['spec.forks.0.replicas', 51, /should be less than or equal to 50/, 'spec.forks[0].replicas'],
  ['spec.forks.0.images.1.container', 'cart', 'Duplicate value', 'spec.forks[0].images[1]'],
  [
    'spec.forks.0.images.0.image',
    'cart:1 ',
    'must be the name of an image, without white space',
    'spec.forks[0].images[0].image',
  ],
  ['spec.forks.0.images.0.image', '', /should be at least 1 chars long/, 'spec.forks[0].images[0].image'],
  ['spec.forks.0.images.0.image', undefined, 'Required value', 'spec.forks[0].images[0].image'],
  ['spec.forks.0.env.1.name', 'FLAG', 'Duplicate value', 'spec.forks[0].env[1]'],
  ['spec.forks.0.env.0.name', 'A=B', /in printable ASCII characters other than '='/, 'spec.forks[0].env[0].name'],
  ['spec.forks.0.env.0.container', undefined, 'Required value', 'spec.forks[0].env[0].container'],
  ['spec.forks.0.env.0.value', undefined, ONE_OF_ENV, 'spec.forks[0].env[0]'],
  ['spec.forks.0.env.0.delete', true, ONE_OF_ENV, 'spec.forks[0].env[0]'],
  ['spec.forks.0.env.2.delete', false, ONE_OF_ENV, 'spec.forks[0].env[2]'],
  ['spec.forks.0.env.3.value', 'x', ONE_OF_ENV, 'spec.forks[0].env[3]'],
  ['spec.forks.0.env.3.valueFrom', {}, ONE_SOURCE, 'spec.forks[0].env[3].valueFrom'],
  ['spec.forks.0.env.3.valueFrom.secretKeyRef', { name: 'a', key: 'b' }, ONE_SOURCE, 'spec.forks[0].env[3].valueFrom'],
  [
    'spec.forks.0.env.3.valueFrom.configMapKeyRef.key',
    undefined,
    'Required value',
    'spec.forks[0].env[3].valueFrom.configMapKeyRef.key',
  ],
  ['spec.forks.0.patch', {}, /should have at least 1 properties/, 'spec.forks[0].patch'],
  ['spec.forks.0.patch.template', {}, /unknown field "spec.forks\[0\].patch.template"/, ''],
]

const ROUTE_GROUP_CASES: readonly Case[] = [
  ['spec.routingKey', 'pr.42', NOT_A_KEY],
  ['spec', { routingKey: 'a' }, 'must name sandboxes or match them by labels'],
  ['spec', { sandboxes: [] }, 'must name sandboxes or match them by labels'],
  ['spec.match', {}, 'Required value', 'spec.match.labels'],
  ['spec.match.labels', {}, /should have at least 1 properties/],
  ['spec.match.labels', { '-team': 'pay' }, /must have names of labels/],
  ['spec.match.labels', { team: 'pay!' }, /must have values of labels/],
  ['spec.match.labels.team', 'p'.repeat(64), /may not be more than 63/],
  ['spec.sandboxes', ['pr-42', 'pr-57', 'pr-42'], 'must not name a Sandbox twice'],
  ['spec.sandboxes.1', 'PR', /must be the name of a Sandbox/, 'spec.sandboxes[1]'],
  ['spec.sandboxes', many(65, (i) => `s${i}`), /must have at most 64 items/],
]

const ROUTING_TABLE_CASES: readonly Case[] = [
  ['spec.service', undefined, 'Required value'],
  ['spec.service', 'cart.shop', /must be the name of a Service/],
  ['spec.clusterIPs', undefined, 'Required value'],
  ['spec.clusterIPs', [], 'must have an address, or none if headless is true'],
  ['spec.headless', true, 'must have an address, or none if headless is true', 'spec.clusterIPs'],
  ['spec.clusterIPs', ['None'], 'must be an IPv4 or IPv6 address', 'spec.clusterIPs[0]'],
  ['spec.clusterIPs', ['10.96.0.256'], 'must be an IPv4 or IPv6 address', 'spec.clusterIPs[0]'],
  ['spec.clusterIPs', ['10.96.0.9:80'], 'must be an IPv4 or IPv6 address', 'spec.clusterIPs[0]'],
  ['spec.clusterIPs', ['::ffff:10.96.0.9'], 'must be an IPv4 or IPv6 address', 'spec.clusterIPs[0]'],
  ['spec.clusterIPs', ['127.0.0.1'], NOT_OF_A_SERVICE, 'spec.clusterIPs[0]'],
  ['spec.clusterIPs', ['10.96.0.9', 'fe80::1'], NOT_OF_A_SERVICE, 'spec.clusterIPs[1]'],
  ['spec.clusterIPs', ['10.96.0.9', '10.96.0.10'], 'must not have two addresses of the same family'],
  ['spec.clusterIPs', ['10.96.0.9', 'fd00::1', 'fd00::2'], /must have at most 2 items/],
  ['spec.ports', [], /should have at least 1 items/],
  ['spec.ports.1.port', 80, 'Duplicate value', 'spec.ports[1]'],
  ['spec.ports.1.name', 'http', 'must not have two ports of one name', 'spec.ports'],
  ['spec.ports.0.port', 0, /should be greater than or equal to 1/, 'spec.ports[0].port'],
  ['spec.ports.0.port', 65_536, /should be less than or equal to 65535/, 'spec.ports[0].port'],
  ['spec.ports.0.name', 'HTTP', /must be the name of a port/, 'spec.ports[0].name'],
  ['spec.ports.0.protocol', 'grpc', /supported values: "http", "unknown"/, 'spec.ports[0].protocol'],
  ['spec.ports.0.protocol', undefined, 'Required value', 'spec.ports[0].protocol'],
]

const address = (text: string, says: string): Case => ['spec.addresses.1', text, says, 'spec.addresses[1]']

const ROUTE_CASES: readonly Case[] = [
  ['spec.table', undefined, 'Required value'],
  ['spec.table', 'shop/cart', /must be the name of a RoutingTable/],
  ['spec.key', undefined, 'Required value'],
  ['spec.key', 'pr.42', NOT_A_KEY],
  ['spec.sandbox', 'PR_42', /must be the name of a Sandbox/],
  ['spec.port', 0, /should be greater than or equal to 1/],
  ['spec.port', 65_536, /should be less than or equal to 65535/],
  ['spec.unready', 'wait', /supported values: "fail", "baseline"/],
  ['spec.reason', 'x'.repeat(1025), /may not be more than 1024/],
  ['spec.addresses', [], /a route that is ready needs at least one address/],
  ['spec.addresses', undefined, /a route that is ready needs at least one address/],
  ['spec.addresses', ['10.88.1.7:80', '10.88.1.7:80'], 'must not have an address twice'],
  ['spec.addresses', many(129, (i) => `10.88.1.7:${i + 1}`), /must have at most 128 items/],
  ...[
    '10.88.1.7',
    'cart:8080',
    '10.88.1.7:0',
    '10.88.1.7:080',
    '10.88.1.7:65536',
    '10.88.1:80',
    '10.88.1.256:80',
    '010.88.1.7:80',
    'fd00::7:80',
    '[fd00::7]',
    '[fd00::7:80',
    '[fd00::7%eth0]:80',
    '[10.88.1.7:80',
    '[fd00:::7]:80',
    '[::ffff:10.88.1.7]:80',
    ' 10.88.1.7:80',
    '10.88.1.7:80\n',
    '',
  ].map((text) => address(text, NOT_AN_ADDRESS)),
  address('[10.88.1.7]:80', NOT_AN_ADDRESS),
  ...[
    '127.0.0.1:80',
    '127.77.1.2:80',
    '[::1]:80',
    '169.254.169.254:80',
    '[fe80::1]:80',
    '224.0.0.1:80',
    '239.1.2.3:80',
    '[ff02::1]:80',
    '[ff0e::1]:80',
    '0.0.0.0:80',
    '[::]:80',
    '[0:0:0:0:0:0:0:0]:80',
    '255.255.255.255:80',
  ].map((text) => address(text, NOT_OF_A_POD)),
]

/** Of the status: the object itself has nothing else. */
const NODE_REPORT_CASES: readonly Case[] = [
  ['status.routes', '', NOT_A_NUMBER],
  ['status.routes', '012', NOT_A_NUMBER],
  ['status.tables', '-1', NOT_A_NUMBER],
  ['status.tables', undefined, 'Required value'],
  ['status.sidecars', -1, /should be greater than or equal to 0/],
  ['status.observedAt', 'yesterday', /must be of type date-time/],
  ['status.bypassing.0.reason', 'no sidecar', /should match/, 'status.bypassing[0].reason'],
  ['status.bypassing.0.pod', undefined, 'Required value', 'status.bypassing[0].pod'],
]

const CONDITION_CASES: readonly Case[] = [
  ['status.conditions.0.status', 'true', /supported values: "True", "False", "Unknown"/, 'status.conditions[0].status'],
  ['status.conditions.0.reason', 'not camel case', /should match/, 'status.conditions[0].reason'],
  ['status.conditions.0.lastTransitionTime', undefined, 'Required value', 'status.conditions[0].lastTransitionTime'],
  ['status.reason', 'unknown', /unknown field "status.reason"/, ''],
]

const twice = (example: { readonly status?: { readonly conditions?: readonly unknown[] } }): Case => {
  const [first] = example.status?.conditions ?? []
  return ['status.conditions', [first, first], 'Duplicate value', 'status.conditions[1]']
}

export const REFUSALS: readonly Refusal[] = [
  ...refusals(SANDBOX, SANDBOX_CASES),
  ...refusals(nameless(SANDBOX), [['spec.routingKey', undefined, /is needed here, since the name is no routing key/]]),
  ...refusals(ROUTE_GROUP, ROUTE_GROUP_CASES),
  ...refusals(nameless(ROUTE_GROUP), [
    ['spec.routingKey', undefined, /is needed here, since the name is no routing key/],
  ]),
  ...refusals(ROUTING_TABLE, ROUTING_TABLE_CASES),
  ...refusals(ROUTE, ROUTE_CASES),
]

/** Of writes to the status subresource. */
export const STATUS_REFUSALS: readonly Refusal[] = [
  ...refusals(NODE_REPORT, NODE_REPORT_CASES),
  ...[SANDBOX, ROUTE_GROUP, ROUTE].flatMap((each) => refusals(each, [...CONDITION_CASES, twice(each)])),
]

function refusals(example: Example, cases: readonly Case[]): readonly Refusal[] {
  return cases.map(([path, value, says, field = path]) => {
    const shown = value === undefined ? 'none' : JSON.stringify(value).slice(0, 60)
    const { name } = example.metadata
    return {
      fact: `${example.kind} ${name}: ${path} ${shown}`,
      object: changed(example, path.split('.'), value),
      example,
      field,
      says,
    }
  })
}

/** With a name that is no routing key. */
function nameless<T extends Example>(example: T): T {
  return { ...example, metadata: { ...example.metadata, name: 'not.a.key' } }
}

function changed(value: object, [first = '', ...rest]: readonly string[], to: unknown): object {
  const part: unknown = Reflect.get(value, first)
  const next = rest.length === 0 ? to : changed(typeof part === 'object' && part !== null ? part : {}, rest, to)
  if (Array.isArray(value)) return value.map((item: unknown, i) => (String(i) === first ? next : item))
  return { ...value, [first]: next }
}
