// The compiled sidecar of a soak, seen from outside: its process, its sockets and its memory.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePorts } from '../../fixtures/free-port.ts'
import { until } from '../../fixtures/until.ts'

const ROOT = path.join(import.meta.dirname, '../../..')

export interface SidecarUnderSoak {
  readonly pid: number
  readonly ports: { readonly plain: number; readonly multiplexed: number }
  /** What it wrote to stderr. */
  readonly complaints: () => string
  stop(): Promise<void>
}

/** Builds and starts `sidetrack run` with a service for each protocol; `upstreams` are ports by protocol and variant. */
export async function startSidecar(folder: string, upstreams: Record<string, number>): Promise<SidecarUnderSoak> {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
  const [plain = 0, multiplexed = 0, dead = 0] = await freePorts(3)
  const file = path.join(folder, 'routes.yaml')
  const services = [service('plain', plain, 'http1'), service('multiplexed', multiplexed, 'http2')]
  writeFileSync(file, `services:\n${services.join('')}`)

  function service(name: string, port: number, protocol: string): string {
    const at = (variant: string) => `127.0.0.1:${upstreams[`${protocol} ${variant}`]}`
    return `- name: ${name}
  listen: 127.0.0.1:${port}
  baseline: ${at('baseline')}
  routes:
  - {key: pr-42, address: '${at('fork-a')}'}
  - {key: pr-57, address: '${at('fork-b')}'}
  - {key: pr-base, ready: false, unready: baseline}
  - {key: pr-unready, ready: false, reason: still starting}
  - {key: pr-dead, address: '127.0.0.1:${dead}'}
`
  }

  const args = [path.join(ROOT, 'dist/cli/main.js'), 'run', file, '--log-level', 'error']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  await until(() => /^ready/m.test(output) || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(`sidetrack ended with ${child.exitCode}: ${complaints}`)
  return {
    pid: sidecarOf(child),
    ports: { plain, multiplexed },
    complaints: () => complaints,
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function sidecarOf(child: ChildProcess): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sidecar/main'))
  if (found === undefined) throw new Error('no sidecar among the children of sidetrack')
  return Number(found)
}

export function openSockets(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false // closed in the meantime
    }
  }).length
}

export function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kib) / 102.4) / 10
}
