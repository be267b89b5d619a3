// What the API server and its etcd have spent: by their own count, and by what Linux says of them.

import { once } from 'node:events'
import type { Credentials } from '../../kubernetes/credentials/credentials.ts'
import type { InstalledApiServer } from '../controller/api-server.ts'
import { commandLine, cpuSeconds, descendants, memory } from '../procfs.ts'

export interface ServerSpent {
  /** Of the API server alone. */
  readonly cpuSeconds: number
  /** Events that went to all who watch, and their bytes before encryption. */
  readonly events: number
  readonly eventBytes: number
}

export interface ServerMemory {
  readonly apiServer: number
  readonly etcd: number
}

export class ServerCost {
  readonly #credentials: Credentials
  readonly #apiServer: readonly number[]
  readonly #etcd: readonly number[]

  constructor(server: InstalledApiServer, credentials: Credentials) {
    const pids = descendants(server.pid)
    const named = (name: string) => pids.filter((pid) => commandLine(pid).split(' ', 1)[0]?.endsWith(`/${name}`))
    this.#credentials = credentials
    this.#apiServer = named('kube-apiserver')
    this.#etcd = named('etcd')
  }

  /** In bytes. */
  memory(): ServerMemory {
    return { apiServer: memory(this.#apiServer).rss, etcd: memory(this.#etcd).rss }
  }

  async spent(): Promise<ServerSpent> {
    const metrics = await this.#metrics()
    return {
      cpuSeconds: cpuSeconds(this.#apiServer),
      events: sum(metrics, 'apiserver_watch_events_total'),
      eventBytes: sum(metrics, 'apiserver_watch_events_sizes_sum'),
    }
  }

  async #metrics(): Promise<string> {
    const { headers, tls } = await this.#credentials.current()
    const { request } = process.getBuiltinModule('node:https')
    const asked = request(`${this.#credentials.server}/metrics`, { headers, ...tls }).end()
    const [answer] = await once(asked, 'response')
    let text = ''
    for await (const piece of answer.setEncoding('utf8')) text += piece
    if (answer.statusCode !== 200) throw new Error(`the API server's metrics: ${answer.statusCode}`)
    return text
  }
}

/** Over all labels, in the text form of Prometheus. */
function sum(metrics: string, name: string): number {
  let all = 0
  for (const line of metrics.split('\n'))
    if (line.startsWith(`${name}{`)) all += Number(line.slice(line.lastIndexOf(' ') + 1))
  return all
}
