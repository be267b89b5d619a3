// nginx and HAProxy where they are installed: how they read bytes, seen by a server behind them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import http from 'node:http'
import net from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeNginx } from '../../../bench/nginx.ts'
import { freePorts } from '../../fixtures/free-port.ts'
import { listen } from '../../fixtures/http2/listen.ts'
import type { ReadRequest } from '../../fixtures/llhttp.ts'

export interface Gateway {
  readonly name: string
  /** The requests that it passes on of these bytes, which come on one connection of their own. */
  read(bytes: Buffer): Promise<readonly ReadRequest[]>
  close(): void
}

/** A server that notes requests by the port of the gateway's client, which both gateways put into `x-client`. */
class Behind {
  readonly #seen = new Map<string, ReadRequest[]>()
  readonly server = http.createServer({ insecureHTTPParser: true, maxHeaderSize: 262_144 }, (request, response) => {
    const client = String(request.headers['x-client'])
    const read: ReadRequest = { method: request.method, target: request.url, length: 0, complete: false }
    this.#seen.set(client, [...(this.#seen.get(client) ?? []), read])
    request.on('data', (part: Buffer) => (read.length += part.length)).on('error', () => {})
    request.on('end', () => {
      read.complete = true
      response.end('seen')
    })
  })

  take(client: number): readonly ReadRequest[] {
    const seen = this.#seen.get(String(client)) ?? []
    this.#seen.delete(String(client))
    return seen
  }
}

const CONFIGURATION: Readonly<
  Record<string, (folder: string, port: number, behind: number) => Promise<readonly string[]>>
> = {
  nginx: (folder, port, behind) =>
    writeNginx(
      folder,
      `server {
  listen 127.0.0.1:${port};
  client_body_timeout 1s;
  location / {
    proxy_pass http://127.0.0.1:${behind};
    proxy_http_version 1.1;
    proxy_set_header x-client $remote_port;
  }
}`,
    ),
  haproxy: async (folder, port, behind) => {
    const file = path.join(folder, 'haproxy.cfg')
    writeFileSync(
      file,
      `
global
  nbthread 1
defaults
  mode http
  timeout connect 1s
  timeout client 2s
  timeout server 2s
frontend in
  bind 127.0.0.1:${port}
  http-request set-header x-client %[src_port]
  default_backend behind
backend behind
  server one 127.0.0.1:${behind}
`,
    )
    return ['-db', '-q', '-f', file]
  },
}

/** Those that are on the PATH. */
export async function startGateways(): Promise<readonly Gateway[]> {
  const gateways: Gateway[] = []
  for (const name of Object.keys(CONFIGURATION)) {
    const binary = which(name)
    if (binary !== undefined) gateways.push(await start(name, binary))
  }
  return gateways
}

function which(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { env: { PATH: `${process.env['PATH']}:/usr/sbin` } })
      .toString()
      .trim()
  } catch {
    return undefined
  }
}

async function start(name: string, binary: string): Promise<Gateway> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sidetrack-fuzz-'))
  const behind = new Behind()
  const [port = 0] = await freePorts(1)
  const args = (await CONFIGURATION[name]?.(folder, port, await listen(behind.server))) ?? []
  const child: ChildProcess = spawn(binary, args, { stdio: 'ignore' })
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${name} does not start`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    name,
    async read(bytes) {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
      const gone = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
      let client = 0
      socket.on('connect', () => (client = socket.localPort ?? 0))
      socket.on('end', () => socket.end()).resume()
      socket.setTimeout(3_000, () => socket.destroy())
      socket.write(bytes)
      await gone
      return behind.take(client)
    },
    close() {
      child.kill('SIGKILL')
      behind.server.close().closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
