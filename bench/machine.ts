// What the measurements ran on, for the raw results.

import { cpus, loadavg, release, totalmem } from 'node:os'
import { readFileSync } from 'node:fs'
import { fromRoot } from './root.ts'
import { versions } from './tools.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  /** At the start; above about 0.5 something else is running and only ratios of one round mean anything. */
  readonly load: number
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(): Machine {
  const list = cpus()
  return {
    cpu: list[0]?.model ?? '',
    cores: list.length,
    memoryBytes: totalmem(),
    kernel: release(),
    load: loadavg()[0] ?? 0,
    versions: {
      node: process.version,
      ...versions(['haproxy', 'nginx', 'envoy', 'wrk', 'h2load']),
      'http-proxy': packageVersion('http-proxy'),
      undici: packageVersion('undici'),
    },
  }
}

function packageVersion(name: string): string {
  try {
    const manifest: { version: string } = JSON.parse(
      readFileSync(fromRoot('node_modules', name, 'package.json'), 'utf8'),
    )
    return manifest.version
  } catch {
    return ''
  }
}

export function formatMachine(machine: Machine): string {
  const { cpu, cores, kernel, load } = machine
  return `${cpu}, ${cores} cores, Linux ${kernel}, Node ${machine.versions['node']}, load ${load.toFixed(2)} at the start`
}
