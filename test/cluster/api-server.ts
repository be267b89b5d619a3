// A real API server and its etcd on free ports of the loopback, in some seconds and without root: for tests that need no nodes. No
// controllers run, so nothing makes default service accounts, collects garbage or starts pods.

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePorts } from '../fixtures/free-port.ts'
import { allow } from '../fixtures/patience.ts'
import { apiServerCommand, type ControlPlaneKeys, controlPlaneKeys, etcdCommand } from './control-plane.ts'
import { Daemon } from './daemon.ts'
import { kubeconfig } from './kubeconfig.ts'
import { Kubectl } from './kubectl.ts'
import { Pki } from './pki.ts'
import { buildPrograms } from './programs.ts'
import { apiServerIsReady } from './readiness.ts'
import { serviceAccountToken } from './token.ts'

/** A cold build of the programs included. */
const START_MS = 20 * 60_000
const ATTEMPTS = 3
/** The most that etcd takes in one transaction. */
const ETCD_OPERATIONS = 128

/** An object as it is to be stored. */
export interface Seed {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly spec: object
}

/** One of a test's own; it ends with the test. When the test fails, the logs are kept and their place is printed. */
export async function startApiServer(t: Test): Promise<ApiServer> {
  allow(t, START_MS)
  const server = await launchApiServer()
  t.teardown(async () => {
    await server.end()
    if (t.passing()) await rm(server.folder, { recursive: true })
    else t.comment(`the logs of etcd and of the API server: ${server.folder}`)
  })
  return server
}

/** The caller ends it, and removes its folder. */
export async function launchApiServer(): Promise<ApiServer> {
  const { folder: programs } = await buildPrograms()
  const folder = await mkdtemp(join(tmpdir(), 'sidetrack-api-server-'))
  const pki = await Pki.create(join(folder, 'pki'))
  const keys = await controlPlaneKeys(pki, [])
  for (let attempt = 1; ; attempt++) {
    const server = new ApiServer(programs, folder, keys, await freePorts(3))
    try {
      await server.start()
      return server
    } catch (error) {
      await server.end()
      if (attempt === ATTEMPTS) throw error // else somebody took a port meanwhile
    }
  }
}

export class ApiServer {
  readonly url: string
  /** With all rights. */
  readonly kubectl: Kubectl
  readonly #programs: string
  /** Its logs, its data and its keys. */
  readonly folder: string
  readonly #keys: ControlPlaneKeys
  readonly #ports: readonly number[]
  #server: Daemon | undefined
  #etcd: Daemon | undefined

  constructor(programs: string, folder: string, keys: ControlPlaneKeys, ports: readonly number[]) {
    this.#programs = programs
    this.folder = folder
    this.#keys = keys
    this.#ports = ports
    this.url = `https://127.0.0.1:${ports[0]}`
    this.kubectl = new Kubectl(join(programs, 'kubectl'), join(folder, 'kubeconfig'))
  }

  /** Starts what does not run; resolves when it is ready to serve. */
  async start(): Promise<void> {
    const [port = 0, , peerPort = 0] = this.#ports
    const { etcd } = this
    const { pki, admin } = this.#keys
    this.#etcd ??= this.#daemon(etcdCommand(join(this.folder, 'etcd'), etcd, `http://127.0.0.1:${peerPort}`))
    await writeFile(this.kubectl.kubeconfig, kubeconfig(this.url, pki.authority.certificate, admin))
    const command = apiServerCommand({ etcd, port, address: '10.89.0.1', keys: this.#keys })
    this.#server ??= this.#daemon([...command, '--bind-address=127.0.0.1'])
    await this.#server.ready(() => apiServerIsReady(port, this.#keys))
  }

  /** Ends the API server; without etcd it does not end on SIGTERM. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.#server?.stop(signal)
    this.#server = undefined
  }

  async end(): Promise<void> {
    await this.stop('SIGKILL')
    await this.stopEtcd('SIGKILL')
  }

  /** Stops the clock of the API server: its connections stay open, and nothing comes. */
  pause(): void {
    this.#server?.signal('SIGSTOP')
  }

  resume(): void {
    this.#server?.signal('SIGCONT')
  }

  async stopEtcd(signal: NodeJS.Signals): Promise<void> {
    await this.#etcd?.stop(signal)
    this.#etcd = undefined
  }

  /** Forgets every revision but the latest: watches and lists that go on from an older one get 410. */
  async compact(): Promise<void> {
    const { header } = await this.#ask('kv/range', { key: 'Lw==' })
    await this.#ask('kv/compaction', { revision: header.revision, physical: true })
  }

  /** Puts custom objects straight into etcd, as the API server would store them: thousands in a second. */
  async seed(resource: { readonly group: string; readonly plural: string }, objects: readonly Seed[]): Promise<void> {
    for (let at = 0; at < objects.length; at += ETCD_OPERATIONS) {
      const success = objects.slice(at, at + ETCD_OPERATIONS).map(({ metadata, ...rest }) => {
        const key = `/registry/${resource.group}/${resource.plural}/${metadata.namespace}/${metadata.name}`
        const stored = { uid: randomUUID(), generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata }
        return { requestPut: { key: base64(key), value: base64(JSON.stringify({ ...rest, metadata: stored })) } }
      })
      await this.#ask('kv/txn', { success })
    }
  }

  /** Where etcd answers; it asks nobody for keys. */
  get etcd(): string {
    return `http://127.0.0.1:${this.#ports[1]}`
  }

  /** The file of the authority that it shows its certificate of. */
  get authority(): string {
    return this.#keys.pki.authority.certificate
  }

  /** A kubeconfig of a service account that exists, whose token ends after `lifetime` seconds. */
  async kubeconfigFor(namespace: string, name: string, lifetime: number): Promise<string> {
    return kubeconfig(this.url, this.#keys.pki.authority.certificate, {
      token: await this.token(namespace, name, lifetime),
    })
  }

  /** A token of a service account that exists. */
  async token(namespace: string, name: string, lifetime: number): Promise<string> {
    const account = await this.kubectl.get<{ metadata: { uid: string } }>(['-n', namespace, 'serviceaccount', name])
    return serviceAccountToken(this.#keys.pki.tokenKey, { namespace, name, uid: account.metadata.uid }, lifetime)
  }

  /** It ends with this process, even with a killed one. */
  #daemon(command: readonly string[]): Daemon {
    const [name = '', ...args] = command
    const program = join(this.#programs, name)
    const log = join(this.folder, `${name}.log`)
    return new Daemon(name, ['setpriv', '--pdeathsig', 'KILL', program, ...args], log)
  }

  async #ask(path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> {
    const url = `${this.etcd}/v3/${path}`
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`etcd: ${response.status} ${await response.text()}`)
    const answer: { readonly header: { readonly revision: string } } = JSON.parse(await response.text())
    return answer
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
