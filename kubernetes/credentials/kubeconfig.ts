// A person's kubeconfig, read by the official client: client certificates, tokens, token files, exec plugins. Loaded only where it is used,
// since it costs 60 MB of memory and half a second.

import type { KubeConfig } from '@kubernetes/client-node'
import { homedir } from 'node:os'
import path from 'node:path'
import { SidetrackError } from '../../runtime/errors.ts'
import type { Credentials, Shown, TlsMaterial } from './credentials.ts'
import { readKubeconfigs } from './kubeconfig-file.ts'

export interface KubeconfigChoice {
  /** As KUBECONFIG says it: several are separated as in PATH. ~/.kube/config if not given. */
  readonly file?: string | undefined
  /** The current one if not given. */
  readonly context?: string | undefined
}

/** Throws ST3012 if there is no kubeconfig, or no such context in it. */
export async function kubeconfigCredentials(choice: KubeconfigChoice): Promise<Credentials> {
  const config = await load(choice)
  const context = config.getContextObject(config.getCurrentContext())
  const cluster = config.getCurrentCluster()
  if (context === null || cluster === null) throw noContext(config, choice)
  const proxy = cluster.proxyUrl
  if (proxy !== undefined && !/^https?:/.test(proxy)) throw unreadable(choice.file, `no way through the proxy ${proxy}`)
  let source = config
  let shown = await show(source, undefined)
  // A plugin is asked by one at a time.
  let asking: Promise<Shown> | undefined
  const ask = (read: () => Promise<KubeConfig>) => {
    asking ??= read()
      .then((found) => show((source = found), shown))
      .then((next) => (shown = next))
      .finally(() => (asking = undefined))
    return asking
  }
  return {
    server: cluster.server,
    proxy,
    namespace: context.namespace ?? 'default',
    current: () => ask(async () => source),
    async renew(refused) {
      await asking?.catch(() => {})
      // A new KubeConfig: the old one would show what an exec plugin said before for as long as that claims to be valid.
      if (shown === refused) await ask(() => load(choice)).catch(() => {})
      return shown !== refused
    },
  }
}

async function load({ file, context }: KubeconfigChoice): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  const files = file?.split(path.delimiter).filter((each) => each !== '') ?? [path.join(homedir(), '.kube/config')]
  let found
  try {
    found = readKubeconfigs(files)
    if (found !== undefined) config.loadFromString(JSON.stringify(found))
  } catch (error) {
    throw unreadable(file, error)
  }
  if (found === undefined) throw noKubeconfig(files)
  if (context !== undefined) config.setCurrentContext(context)
  return config
}

/** What to show now; the same object as before if it holds the same. */
async function show(config: KubeConfig, before: Shown | undefined): Promise<Shown> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (error) {
    throw unreadable(undefined, error)
  }
  const tls = Object.fromEntries(
    (['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const).flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name]]],
    ),
  ) as TlsMaterial
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value).trim()
  if (typeof options.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`
  const shown = { headers, tls: same(tls, before?.tls) ? (before?.tls ?? tls) : tls }
  return before !== undefined && shown.tls === before.tls && same(headers, before.headers) ? before : shown
}

function same(one: object, other: object | undefined): boolean {
  return other !== undefined && JSON.stringify(one) === JSON.stringify(other)
}

function noContext(config: KubeConfig, { file, context }: KubeconfigChoice): SidetrackError {
  const known = config.getContexts().map(({ name }) => name)
  const has = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  return new SidetrackError(
    'ST3012',
    `the kubeconfig${file === undefined ? '' : ` ${file}`} has no context ${JSON.stringify(context ?? config.getCurrentContext() ?? '')} with a cluster; ${has}`,
  )
}

function noKubeconfig(files: readonly string[]): SidetrackError {
  return new SidetrackError('ST3012', `there is no kubeconfig: ${files.join(', ')} cannot be found`)
}

function unreadable(file: string | undefined, error: unknown): SidetrackError {
  return new SidetrackError(
    'ST3012',
    `the kubeconfig${file === undefined ? '' : ` ${file}`} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )
}
