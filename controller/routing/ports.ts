// Which ports of a Service are routed, and what is known of what they speak.

import type { Service } from '../../kubernetes/resources/builtin.ts'
import type { RoutedPort } from '../../kubernetes/resources/routing-table.ts'

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

/** https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol, and names that meshes have made common. */
const HTTP: ReadonlySet<string> = new Set([
  'http',
  'http2',
  'h2c',
  'grpc',
  'grpc-web',
  'web',
  'ws',
  'kubernetes.io/h2c',
  'kubernetes.io/ws',
])

/** Declared, and nothing in which a routing key could be read: TLS of the app's own, databases, queues, caches. */
const OTHER: ReadonlySet<string> = new Set([
  'https',
  'tls',
  'tcp',
  'udp',
  'wss',
  'kubernetes.io/wss',
  'kubernetes.io/tls',
  'mongo',
  'mongodb',
  'mysql',
  'postgres',
  'postgresql',
  'redis',
  'kafka',
  'amqp',
  'amqps',
  'nats',
  'memcached',
  'smtp',
  'ldap',
  'ssh',
])

/** TCP ports but for those that are declared to speak something else than HTTP. */
export function routedPorts({ spec }: Service): readonly RoutedPort[] {
  return (spec?.ports ?? []).flatMap((port) => {
    const http = speaksHttp(port)
    if (http === false || (port.protocol ?? 'TCP') !== 'TCP') return []
    const name = port.name === undefined || port.name === '' ? {} : { name: port.name }
    return [{ port: port.port, ...name, protocol: http === true ? ('http' as const) : ('unknown' as const) }]
  })
}

/** True or false if it is declared: by `appProtocol` or, without it, by the first word of the name; undefined if not. */
export function speaksHttp({ appProtocol, name }: Pick<ServicePort, 'appProtocol' | 'name'>): boolean | undefined {
  const declared = (appProtocol ?? name?.split('-', 1)[0] ?? '').toLowerCase()
  if (HTTP.has(declared)) return true
  return OTHER.has(declared) ? false : undefined
}
