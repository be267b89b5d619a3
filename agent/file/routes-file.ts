// The routes file: services, where they are listened for, their baselines and routes; validated with line and column.

import { LineCounter, type Node, type Pair, type YAMLMap, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { type Address, formatAddress, parseAddress } from '../../core/address.ts'
import { isRoutingKey } from '../../core/routing-key.ts'
import type { Route } from '../../core/route.ts'
import type { Protocol } from '../../core/wire.ts'

export interface FileService {
  readonly name: string
  readonly listen: Address
  readonly baseline: Address
  readonly protocol: Protocol
  /** The sidecar that listens. */
  readonly sidecar: string
  readonly routes: readonly Route[]
}

export interface RoutesFile {
  readonly services: readonly FileService[]
  /** Routing keys of sidecars that stand beside a fork, by sidecar. */
  readonly ownKeys: ReadonlyMap<string, string>
}

export interface FileFault {
  /** Both from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export const DEFAULT_SIDECAR = 'sidecar'

const NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/

/** Everything that is wrong with the text, or what it says. */
export function parseRoutesFile(
  text: string,
): { readonly file: RoutesFile } | { readonly faults: readonly FileFault[] } {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const faults: FileFault[] = []
  const fault = (offset: number, message: string) => {
    const { line, col } = counter.linePos(offset)
    faults.push({ line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  for (const error of document.errors) fault(error.pos[0], firstLine(error.message))
  if (faults.length > 0) return { faults }
  const file = new FileReader(fault).read(document.contents)
  return faults.length > 0 ? { faults: faults.toSorted((a, b) => a.line - b.line || a.column - b.column) } : { file }
}

type Fault = (offset: number, message: string) => void

class FileReader {
  readonly #fault: Fault

  constructor(fault: Fault) {
    this.#fault = fault
  }

  read(root: Node | null): RoutesFile {
    if (!isMap(root)) {
      this.#fault(offsetOf(root), 'expected `services:` with a list of services')
      return { services: [], ownKeys: new Map() }
    }
    this.#onlyKeys(root, ['services', 'sidecars'])
    const services: { service: FileService; at: YAMLMap }[] = []
    for (const at of this.#list(root, 'services', true)) {
      const service = this.#service(at)
      if (service !== undefined) services.push({ service, at })
    }
    this.#unique(services, 'name', (service) => service.name)
    this.#unique(services, 'listen', (service) => formatAddress(service.listen))
    this.#noLoops(services)
    const ownKeys = new Map<string, string>()
    for (const at of this.#list(root, 'sidecars', false)) {
      this.#onlyKeys(at, ['name', 'routingKey'])
      const name = this.#name(at, 'name', undefined)
      const key = this.#key(at, 'routingKey')
      if (name !== undefined && key !== undefined) ownKeys.set(name, key)
    }
    return { services: services.map(({ service }) => service), ownKeys }
  }

  #service(at: YAMLMap): FileService | undefined {
    this.#onlyKeys(at, ['name', 'listen', 'baseline', 'protocol', 'sidecar', 'routes'])
    const name = this.#name(at, 'name', undefined)
    const listen = this.#address(at, 'listen')
    const baseline = this.#address(at, 'baseline')
    const protocol = this.#choice(at, 'protocol', ['http', 'unknown'] as const) ?? 'http'
    const sidecar = this.#name(at, 'sidecar', DEFAULT_SIDECAR)
    const routes = new Map<string, Route>()
    for (const each of this.#list(at, 'routes', false)) {
      const route = this.#route(each)
      if (route === undefined) continue
      if (routes.has(route.key)) this.#fault(offsetOf(each), `a second route for the key ${route.key}`)
      routes.set(route.key, route)
    }
    if (name === undefined || listen === undefined || baseline === undefined || sidecar === undefined) return undefined
    return { name, listen, baseline, protocol, sidecar, routes: [...routes.values()] }
  }

  #route(at: YAMLMap): Route | undefined {
    this.#onlyKeys(at, ['key', 'address', 'addresses', 'ready', 'reason', 'unready'])
    const key = this.#key(at, 'key')
    const ready = this.#scalar(at, 'ready')
    if (ready !== undefined && typeof ready.value !== 'boolean')
      this.#fault(ready.offset, '`ready` must be true or false')
    const isReady = ready?.value !== false
    const reason = this.#scalar(at, 'reason')
    const unready = this.#choice(at, 'unready', ['fail', 'baseline'] as const) ?? 'fail'
    const addresses = this.#addresses(at)
    if (isReady && addresses.length === 0 && !at.has('address') && !at.has('addresses'))
      this.#fault(offsetOf(at), 'a ready route needs `address: IP:PORT` (or `addresses:`)')
    if (key === undefined) return undefined
    return { key, addresses, ready: isReady, reason: reason === undefined ? '' : String(reason.value), unready }
  }

  #addresses(at: YAMLMap): readonly Address[] {
    const one = at.has('address') ? this.#address(at, 'address') : undefined
    const list = valueOf(at, 'addresses')
    if (list === undefined) return one === undefined ? [] : [one]
    if (at.has('address')) this.#fault(offsetOf(list), 'either `address` or `addresses`, not both')
    if (!isSeq(list) || list.items.length === 0) {
      this.#fault(offsetOf(list), '`addresses` must be a list of IP:PORT')
      return []
    }
    const found: Address[] = []
    for (const item of list.items) {
      const address = isScalar(item) ? parseAddress(String(item.value)) : undefined
      if (address === undefined)
        this.#fault(isScalar(item) ? offsetOf(item) : offsetOf(list), 'an address must be IP:PORT, like 127.0.0.1:8101')
      else found.push(address)
    }
    return found
  }

  #address(at: YAMLMap, key: string): Address | undefined {
    const scalar = this.#scalar(at, key)
    if (scalar === undefined) {
      if (!at.has(key)) this.#fault(offsetOf(at), `\`${key}: IP:PORT\` is missing`)
      return undefined
    }
    const address = parseAddress(String(scalar.value))
    if (address === undefined)
      this.#fault(scalar.offset, `\`${key}\` must be IP:PORT, like 127.0.0.1:8101, not ${JSON.stringify(scalar.value)}`)
    return address
  }

  #name(at: YAMLMap, key: string, fallback: string | undefined): string | undefined {
    const scalar = this.#scalar(at, key)
    if (scalar === undefined) {
      if (fallback === undefined && !at.has(key)) this.#fault(offsetOf(at), `\`${key}\` is missing`)
      return fallback
    }
    const name = String(scalar.value)
    if (NAME.test(name)) return name
    this.#fault(
      scalar.offset,
      `\`${key}\` must be 1 to 63 lower-case letters, digits, dots and dashes, not ${JSON.stringify(name)}`,
    )
    return undefined
  }

  #key(at: YAMLMap, key: string): string | undefined {
    const scalar = this.#scalar(at, key)
    if (scalar === undefined) {
      if (!at.has(key)) this.#fault(offsetOf(at), `\`${key}\` is missing`)
      return undefined
    }
    const text = String(scalar.value)
    if (isRoutingKey(text)) return text
    this.#fault(
      scalar.offset,
      `a routing key is 1 to 63 letters, digits, - and _, a letter or digit first and last; not ${JSON.stringify(text)}`,
    )
    return undefined
  }

  #choice<T extends string>(at: YAMLMap, key: string, choices: readonly T[]): T | undefined {
    const scalar = this.#scalar(at, key)
    if (scalar === undefined) return undefined
    const choice = choices.find((each) => each === scalar.value)
    if (choice === undefined) this.#fault(scalar.offset, `\`${key}\` must be ${choices.join(' or ')}`)
    return choice
  }

  #scalar(at: YAMLMap, key: string): { value: unknown; offset: number } | undefined {
    const node = valueOf(at, key)
    if (node === undefined) {
      if (at.has(key)) this.#fault(offsetOf(at), `\`${key}\` has no value`)
      return undefined
    }
    if (isScalar(node) && node.value !== null) return { value: node.value, offset: offsetOf(node) }
    this.#fault(offsetOf(node), `\`${key}\` must be a single value`)
    return undefined
  }

  /** The maps in the list under `key`. */
  #list(at: YAMLMap, key: string, required: boolean): readonly YAMLMap[] {
    const node = valueOf(at, key)
    if (node === undefined && !required) return []
    if (!isSeq(node) || (required && node.items.length === 0)) {
      this.#fault(
        node === undefined ? offsetOf(at) : offsetOf(node),
        `\`${key}\` must be a list${required ? ' with at least one entry' : ''}`,
      )
      return []
    }
    return node.items.filter((item): item is YAMLMap => {
      if (!isMap(item))
        this.#fault(isScalar(item) ? offsetOf(item) : offsetOf(node), `an entry of \`${key}\` must be a map`)
      return isMap(item)
    })
  }

  #onlyKeys(at: YAMLMap, known: readonly string[]): void {
    for (const { key } of at.items as readonly Pair[]) {
      const name = isScalar(key) ? String(key.value) : ''
      if (!known.includes(name))
        this.#fault(
          isScalar(key) ? offsetOf(key) : offsetOf(at),
          `\`${name}\` is not known here; known are ${known.join(', ')}`,
        )
    }
  }

  #unique(
    services: readonly { service: FileService; at: YAMLMap }[],
    key: string,
    value: (service: FileService) => string,
  ): void {
    const seen = new Set<string>()
    for (const { service, at } of services) {
      const text = value(service)
      if (seen.has(text)) this.#fault(offsetOf(valueOf(at, key) ?? at), `a second service with \`${key}: ${text}\``)
      seen.add(text)
    }
  }

  /** A baseline or route that leads back to the same listener would send a request round for ever. */
  #noLoops(services: readonly { service: FileService; at: YAMLMap }[]): void {
    const byListen = new Map(services.map(({ service }) => [formatAddress(service.listen), service]))
    const next = (service: FileService) =>
      [service.baseline, ...service.routes.flatMap((route) => route.addresses)].flatMap(
        (address) => byListen.get(formatAddress(address)) ?? [],
      )
    for (const { service, at } of services) {
      const seen = new Set<FileService>()
      const open = next(service)
      for (let each = open.pop(); each !== undefined; each = open.pop()) {
        if (seen.has(each)) continue
        seen.add(each)
        open.push(...next(each))
      }
      if (seen.has(service))
        this.#fault(offsetOf(at), `a loop: requests for ${service.name} can come back to its own listener`)
    }
  }
}

function valueOf(at: YAMLMap, key: string): Node | undefined {
  const node: unknown = at.get(key, true)
  return isMap(node) || isSeq(node) || isScalar(node) ? node : undefined
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
