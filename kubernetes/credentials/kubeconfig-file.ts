// Reads kubeconfigs as kubectl does, and hands them to the official client in the form that it understands.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'

export interface Kubeconfig {
  readonly 'current-context'?: string
  readonly clusters: readonly Entry<'cluster'>[]
  readonly users: readonly Entry<'user'>[]
  readonly contexts: readonly Entry<'context'>[]
}

type Values = Readonly<Record<string, unknown>>
type Entry<K extends string> = { readonly name: string } & { readonly [key in K]?: Values | null }

/** What the first of them that has a name says of it holds. Files that are not there are left out; undefined if none is there. */
export function readKubeconfigs(files: readonly string[]): Kubeconfig | undefined {
  const found = files.flatMap((file) => {
    const text = readIfThere(file)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the official client complains about what is not as it should be
    return text === undefined ? [] : [understandable((parse(text) ?? {}) as Partial<Kubeconfig>, path.dirname(file))]
  })
  if (found.length === 0) return undefined
  const current = found.find((each) => (each['current-context'] ?? '') !== '')?.['current-context']
  return {
    ...(current === undefined ? {} : { 'current-context': current }),
    clusters: firstOfEach(found.flatMap((each) => each.clusters)),
    users: firstOfEach(found.flatMap((each) => each.users)),
    contexts: firstOfEach(found.flatMap((each) => each.contexts)),
  }
}

function understandable(config: Partial<Kubeconfig>, directory: string): Kubeconfig {
  const { clusters, users, contexts } = config
  return {
    ...config,
    clusters: (clusters ?? []).map(({ name, cluster }) => ({
      name,
      cluster: absolute(cluster ?? {}, directory, CLUSTER_FILES),
    })),
    users: (users ?? []).map(({ name, user }) => ({ name, user: understandableUser(user ?? {}, directory) })),
    contexts: contexts ?? [],
  }
}

const CLUSTER_FILES = ['certificate-authority']
const USER_FILES = ['client-certificate', 'client-key', 'tokenFile']

function understandableUser(user: Values, directory: string): Values {
  const { tokenFile, token, exec, ...others } = absolute(user, directory, USER_FILES)
  // The official client looks for a token's file under another name, and keeps what it has read there for ever; a provider reads again.
  const bearer = tokenFile === undefined ? { token } : { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }
  return { ...others, ...bearer, ...(isValues(exec) ? { exec: plugin(exec, directory) } : {}) }
}

/** Plugins of the clouds want to be told which form of answer is understood: the official client does not. */
function plugin(exec: Values, directory: string): Values {
  const { command, env, apiVersion } = exec
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
  return {
    ...exec,
    // One without a folder is looked for in PATH.
    command: typeof command === 'string' && command.includes('/') ? path.resolve(directory, command) : command,
    env: [...(Array.isArray(env) ? env : []), { name: 'KUBERNETES_EXEC_INFO', value: info }],
  }
}

function absolute(values: Values, directory: string, names: readonly string[]): Values {
  const entries = Object.entries(values).map(([name, value]) =>
    names.includes(name) && typeof value === 'string' ? [name, path.resolve(directory, value)] : [name, value],
  )
  return Object.fromEntries(entries)
}

function firstOfEach<E extends { readonly name: string }>(entries: readonly E[]): readonly E[] {
  return entries.filter(({ name }, at) => entries.findIndex((other) => other.name === name) === at)
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null
}
