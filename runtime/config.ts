// Configuration from the environment and an optional file of NAME=value lines; the one place that reads the environment.

import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { isIpv4, isIpv6 } from '../core/address.ts'
import { KEY_VARIABLE, SANDBOX_VARIABLE } from '../core/fork-marks.ts'
import { SidetrackError } from './errors.ts'

export interface Setting<T> {
  /** The variable, `SIDETRACK_…`; the file uses the same names. */
  readonly name: string
  /** One line for docs/configuration.md. */
  readonly doc: string
  /** As it would be written; undefined if the setting must be given. */
  readonly fallback: string | undefined
  /** Throws an Error whose message ends the sentence "NAME …". */
  parse(text: string): T
}

export type Settings = Readonly<Record<string, Setting<unknown>>>

export type Config<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }

/** Names the file itself; only read from the environment. */
const FILE_NAME = 'SIDETRACK_CONFIG'
/** Every container of a fork has them: a program of ours that runs in one is not meant. */
const FORK_VARIABLES = [SANDBOX_VARIABLE, KEY_VARIABLE]
const PREFIX = 'SIDETRACK_'

/** Reads all settings, the environment before the file. Throws one ST2001 that lists every fault, unknown names included. */
export function readConfig<S extends Settings>(settings: S, environment: NodeJS.ProcessEnv = process.env): Config<S> {
  const faults: string[] = []
  const file = readFile(environment[FILE_NAME], faults)
  const known = new Set([FILE_NAME, ...FORK_VARIABLES, ...Object.values(settings).map((setting) => setting.name)])
  const links = serviceLinks(environment)
  for (const name of [...Object.keys(environment), ...Object.keys(file)]) {
    if (name.startsWith(PREFIX) && !known.has(name) && !links.some((link) => name.startsWith(link)))
      faults.push(`${name} is not a setting of this program`)
  }
  const config: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(settings)) {
    const text = environment[setting.name] ?? file[setting.name] ?? setting.fallback
    if (text === undefined) {
      faults.push(`${setting.name} is missing: ${setting.doc}`)
      continue
    }
    try {
      config[key] = setting.parse(text)
    } catch (error) {
      faults.push(`${setting.name} ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (faults.length > 0)
    throw new SidetrackError('ST2001', `the configuration has ${faults.length} faults:\n  - ${faults.join('\n  - ')}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every key was parsed by its own setting
  return config as Config<S>
}

/**
 * The beginnings of names that a Service of ours, `sidetrack-webhook`, brings into every pod beside it: SIDETRACK_WEBHOOK_SERVICE_HOST,
 * SIDETRACK_WEBHOOK_PORT_443_TCP and so on. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function serviceLinks(environment: NodeJS.ProcessEnv): readonly string[] {
  const host = '_SERVICE_HOST'
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && name.endsWith(host))
    .flatMap((name) => ['_SERVICE_', '_PORT'].map((part) => name.slice(0, -host.length) + part))
}

function readFile(path: string | undefined, faults: string[]): NodeJS.Dict<string> {
  if (path === undefined) return {}
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    faults.push(
      `${FILE_NAME} names a file that cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
    return {}
  }
}

export function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0 && seconds <= 3600))
    throw new Error(`must be a number of seconds up to 3600, not ${quote(text)}`)
  return seconds
}

export function parseCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (!Number.isInteger(count) || String(count) !== text || count < least || count > most)
      throw new Error(`must be a whole number from ${least} to ${most}, not ${quote(text)}`)
    return count
  }
}

export function parseChoice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((each) => each === text)
    if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}, not ${quote(text)}`)
    return choice
  }
}

/** `host:port` of TCP with port 0 allowed, or `unix:/path`. The host `*` of a server is every address of the machine. */
export type Endpoint = { readonly path: string } | { readonly host: string; readonly port: number }

export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:/')) return { path: text.slice('unix:'.length) }
  const colon = text.lastIndexOf(':')
  const name = text.slice(0, Math.max(colon, 0))
  const bracketed = name.startsWith('[') && name.endsWith(']')
  const host = bracketed ? name.slice(1, -1) : name
  const port = Number(text.slice(colon + 1))
  const known = bracketed ? isIpv6(host) : host === 'localhost' || isIpv4(host)
  if (!known || !(Number.isInteger(port) && port >= 0 && port <= 65_535) || String(port) !== text.slice(colon + 1))
    throw new Error(`must be an address like 127.0.0.1:9901 or unix:/path, not ${quote(text)}`)
  return { host, port }
}

/** As `parseEndpoint`, for servers that others reach: also `*:8443`. */
export function parseServer(text: string): Endpoint {
  const port = Number(text.slice('*:'.length))
  return text.startsWith('*:') && text.length > 2 && Number.isInteger(port) && port >= 0 && port <= 65_535
    ? { host: '*', port }
    : parseEndpoint(text)
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
