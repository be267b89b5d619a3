// The controller as it is installed: compiled, with a service account, over a link that counts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { freePorts } from '../ports.ts'
import { cpuSeconds, memory } from '../procfs.ts'
import { fromRoot } from '../root.ts'
import type { InstalledApiServer } from './api-server.ts'
import { startCountedLink } from './counted-link.ts'

export interface Spent {
  readonly sent: number
  readonly received: number
  readonly cpuSeconds: number
}

export interface ControllerProgram {
  readonly memory: () => { readonly rss: number; readonly peak: number }
  readonly spent: () => Spent
  /** The value of a metric; 0 if there is none. */
  metric(name: string): Promise<number>
  /** Resolves when so many sandboxes are ready and nothing waits; the milliseconds that took. */
  settled(sandboxes: number): Promise<number>
  stop(): Promise<void>
}

const LOOK_MS = 200

export async function startController(
  server: InstalledApiServer,
  name: string,
  signal: AbortSignal,
): Promise<ControllerProgram> {
  const link = await startCountedLink(new URL(server.url))
  const [admin = 0] = await freePorts(1)
  const child = spawn(process.execPath, installedArguments(), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(link.port),
      SIDETRACK_SERVICE_ACCOUNT: server.serviceAccount,
      SIDETRACK_POD: name,
      SIDETRACK_SIDECAR_IMAGE: 'registry.example/sidecar:1',
      SIDETRACK_WEBHOOK: '127.0.0.1:0',
      SIDETRACK_ADMIN: `127.0.0.1:${admin}`,
      SIDETRACK_DRAIN_SECONDS: '0',
    },
  })
  const ended = once(child, 'exit')
  let log = ''
  child.stderr.on('data', (data) => (log = (log + String(data)).slice(-4000)))
  const pids = [child.pid ?? 0]
  const metrics = async (): Promise<string> => {
    if (child.exitCode !== null) throw new Error(`the controller ended: ${log}`)
    const answer = await fetch(`http://127.0.0.1:${admin}/metrics`).catch(() => undefined)
    return answer === undefined ? '' : answer.text()
  }
  const metric = async (wanted: string) => {
    const text = await metrics()
    const line = text.split('\n').find((each) => each.startsWith(`${wanted} `))
    return line === undefined ? 0 : Number(line.slice(wanted.length + 1))
  }
  return {
    memory: () => memory(pids),
    spent: () => ({ sent: link.sent(), received: link.received(), cpuSeconds: cpuSeconds(pids) }),
    metric,
    async settled(sandboxes) {
      const start = performance.now()
      for (;;) {
        const ready = await metric('sidetrack_sandboxes{reason="Ready"}')
        const depth = await metric('sidetrack_reconcile_queue_depth')
        if (ready === sandboxes && depth === 0) return performance.now() - start
        await sleep(LOOK_MS, undefined, { signal })
      }
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      link.close()
    },
  }
}

/** Of Node, as the Deployment has them: they decide about memory. */
function installedArguments(): readonly string[] {
  const documents = parseAllDocuments(readFileSync(fromRoot('manifests/controller.yaml'), 'utf8'))
  const deployment = documents.find((each) => each.get('kind') === 'Deployment')
  const args: unknown = deployment?.toJS().spec.template.spec.containers[0].args
  if (!Array.isArray(args)) throw new Error('manifests/controller.yaml has no arguments of the controller')
  return args.map((each) => (String(each).startsWith('-') ? String(each) : fromRoot(String(each))))
}
