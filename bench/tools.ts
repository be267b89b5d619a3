// The programs of others that a measurement needs: where they are, and which version.

import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export type Tool = 'haproxy' | 'nginx' | 'envoy' | 'wrk' | 'taskset' | 'open-loop' | 'h2load' | 'grpc-load'

/** Thrown before anything has been started. */
export class MissingTools extends Error {
  constructor(tools: readonly Tool[]) {
    super(`${tools.join(', ')} not found: run bench/setup`)
    this.name = 'MissingTools'
  }
}

/** `bench/setup` puts what no Debian package has into a folder of its own. Debian keeps servers where only root looks. */
function folders(): readonly string[] {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [join(cache, 'sidetrack-bench', 'bin'), ...path, '/usr/sbin', '/sbin']
}

/** The paths of `tools`. Throws MissingTools that names all that are missing. */
export function findTools<T extends Tool>(tools: readonly T[]): Readonly<Record<T, string>> {
  const paths = tools.map((tool) => [tool, findTool(tool)] as const)
  const missing = paths.filter(([, path]) => path === undefined).map(([tool]) => tool)
  if (missing.length > 0) throw new MissingTools(missing)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries forgets the keys; all of them are there
  return Object.fromEntries(paths) as Record<T, string>
}

function findTool(tool: Tool): string | undefined {
  return folders()
    .map((folder) => join(folder, tool))
    .find(isExecutable)
}

/** What each tool says about itself, for the raw results; '' for one that is not there or has nothing to say. */
export function versions(tools: readonly Tool[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tools.map((tool) => [tool, version(tool)]))
}

const VERSION_OPTION: Readonly<Record<Tool, readonly string[] | undefined>> = {
  haproxy: ['-v'],
  nginx: ['-v'],
  envoy: ['--version'],
  wrk: ['-v'],
  taskset: ['--version'],
  'open-loop': undefined,
  h2load: ['--version'],
  'grpc-load': undefined,
}

function version(tool: Tool): string {
  const option = VERSION_OPTION[tool]
  if (option === undefined) return ''
  try {
    // wrk prints its version and fails; nginx prints it on stderr.
    const { [tool]: path } = findTools([tool])
    const text = execFileSync('sh', ['-c', '"$0" "$@" 2>&1 || true', path, ...option], { encoding: 'utf8' })
    return (text.split('\n').find((line) => /\d\.\d/.test(line)) ?? '').replaceAll(path, tool).trim()
  } catch {
    return ''
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
