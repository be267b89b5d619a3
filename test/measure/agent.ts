// `npm run measure:agent`: the memory of a node's agent with many tables, routes and pods, and how long a changed route takes to all of them.

import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { apiVersion } from '../../kubernetes/resource.ts'
import { PODS, NAMESPACES } from '../../kubernetes/resources/builtin.ts'
import { NODE_REPORTS, ROUTES, ROUTING_TABLES, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { Seed } from '../cluster/api-server.ts'
import { PodCgroup, newContainerId } from '../fixtures/node/pod-cgroup.ts'
import { type Api, startApi } from '../fixtures/node/node-world.ts'
import { SERVICE_ACCOUNTS } from '../fixtures/node/service-accounts.ts'
import { until } from '../fixtures/until.ts'
import { PretendedSidecar, startPause } from './pretended-sidecar.ts'

const count = (name: string, fallback: number) => Number(process.env[name] ?? fallback)
const TABLES = count('TABLES', 1000)
const ROUTES_A_TABLE = count('ROUTES_A_TABLE', 10)
const SIDECARS = count('SIDECARS', 100)
const CHANGES = count('CHANGES', 200)
const MAIN = path.join(import.meta.dirname, '../../dist/agent/main.js')
const NODE = 'measured'
const LONG_MS = 20 * 60_000

test(`${TABLES} tables, ${TABLES * ROUTES_A_TABLE} routes, ${SIDECARS} sidecars`, async (t) => {
  t.setTimeout(LONG_MS)
  const api = await startApi(t)
  await api.put(NAMESPACES, { metadata: { name: NODE } })
  await api.put(SERVICE_ACCOUNTS, { metadata: { namespace: NODE, name: 'default' } })
  await fill(api)

  const settings = await serviceAccount(api)
  const state = mkdtempSync(path.join(tmpdir(), 'sidetrack-'))
  let round = 0
  const say = (what: string, value: string) => t.comment(`${what.padEnd(48)} ${value}`)

  const sidecars: PretendedSidecar[] = []
  const pids: number[] = []
  for (let index = 0; index < SIDECARS; index++) {
    const name = `pod-${index}`
    const { metadata } = await api.client.create(PODS, {
      metadata: { namespace: NODE, name },
      spec: {
        nodeName: NODE,
        automountServiceAccountToken: false,
        initContainers: [{ name: 'sidetrack', image: 'x', restartPolicy: 'Always' }],
        containers: [{ name: 'app', image: 'x' }],
      },
    })
    // What is made last goes first: the control group of a process that lives stays.
    const cgroup = new PodCgroup(t, metadata.uid ?? '')
    const pause = await startPause()
    t.teardown(() => pause.kill('SIGKILL'))
    cgroup.join(newContainerId(), pause.pid ?? 0)
    const sidecar = new PretendedSidecar()
    t.teardown(() => sidecar.stop())
    sidecars.push(sidecar)
    pids.push(pause.pid ?? 0)
  }
  for (const options of (process.env['AGENT_OPTIONS'] ?? installedOptions()).split(';')) {
    for (const sidecar of sidecars) sidecar.redirected = false
    const given = options.split(' ').filter((each) => each !== '')
    const args = given.filter((each) => each.startsWith('-'))
    const variables = given.filter((each) => !each.startsWith('-')).map((each) => each.split('=', 2))
    const agent = spawn(process.execPath, [...args, MAIN], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        ...settings,
        SIDETRACK_NODE: NODE,
        SIDETRACK_STATE: state,
        SIDETRACK_ADMIN: '127.0.0.1:0',
        SIDETRACK_LOG_LEVEL: 'warn',
        ...Object.fromEntries(variables),
      },
    })
    t.teardown(() => agent.kill('SIGKILL'))
    say('options', options === '' ? 'none' : options)
    // One after the other: each dials by a process of its own.
    if (round++ === 0) for (const [index, sidecar] of sidecars.entries()) await sidecar.connect(pids[index] ?? 0)
    await until(() => sidecars.every(({ redirected }) => redirected), LONG_MS)
    say('RSS when all pods are redirected', memory(agent.pid))
    const used = cpuSeconds(agent.pid)
    say('CPU until then', `${used.toFixed(1)} s`)
    const times = await change(api, sidecars)
    const at = (share: number) => `${times[Math.floor((times.length - 1) * share)]?.toFixed(1)} ms`
    say('from the write of a route to all sidecars, p50', at(0.5))
    say('… p99', at(0.99))
    say('CPU per change', `${(((cpuSeconds(agent.pid) - used) / CHANGES) * 1000).toFixed(1)} ms`)
    const last = await api.put(ROUTES, route(0, 0, '10.99.9.9:8080'))
    await until(async () => BigInt((await api.client.find(NODE_REPORTS, { name: NODE }))?.status?.routes ?? 0) >= last)
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    say('RSS after 10 s of quiet', memory(agent.pid))
    t.ok(agent.exitCode === null)
    agent.kill('SIGTERM')
    await once(agent, 'exit')
  }
})

interface Installed {
  readonly args: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string }[]
}

/** Of Node and of malloc, as the DaemonSet has them: they decide about memory. */
function installedOptions(): string {
  const file = path.join(import.meta.dirname, '../../manifests/agent.yaml')
  const set = parseAllDocuments(readFileSync(file, 'utf8')).find((each) => each.get('kind') === 'DaemonSet')
  if (set === undefined) throw new Error('manifests/agent.yaml has no DaemonSet')
  const { args, env }: Installed = set.toJS().spec.template.spec.containers[0]
  const options = args.filter((each) => each.startsWith('-'))
  const variables = env.flatMap(({ name, value }) => (name.startsWith('MALLOC_') ? [`${name}=${value}`] : []))
  return [...options, ...variables].join(' ')
}

function memory(pid: number | undefined): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  return `${megabytes('VmRSS').toFixed(1)} MB, ${megabytes('RssAnon').toFixed(1)} MB of it anonymous`
}

/** Of the process itself, since it started: proc_pid_stat(5), in hundredths of a second on every machine of today. */
function cpuSeconds(pid: number | undefined): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
  return (user + system) / 100
}

/** Changes one route after the other; how long each took to be in force in every sidecar, the shortest first. Milliseconds. */
async function change(api: Api, sidecars: readonly PretendedSidecar[]): Promise<readonly number[]> {
  const times: number[] = []
  for (let each = 0; each < CHANGES; each++) {
    // Unlike any address before, in this round or another.
    const address = `10.99.${each >> 8}.${each & 255}:${1024 + (performance.now() & 0x7fff)}`
    const seen = sidecars.map((sidecar) => new Promise<void>((resolve) => sidecar.watch(address, resolve)))
    const before = performance.now()
    await api.put(ROUTES, route(each % TABLES, 0, address))
    await Promise.all(seen)
    times.push(performance.now() - before)
  }
  return times.toSorted((a, b) => a - b)
}

/** As in a pod: a kubeconfig would load the official client, which a node's agent never does. */
async function serviceAccount({ server, kubeconfig }: Api): Promise<NodeJS.ProcessEnv> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sidetrack-'))
  const role = ['--clusterrole=cluster-admin', `--serviceaccount=${NODE}:default`]
  await server.kubectl.run(['create', 'clusterrolebinding', 'measured', ...role])
  const authority = /"certificate-authority-data":"([^"]+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? ''
  writeFileSync(path.join(folder, 'ca.crt'), Buffer.from(authority, 'base64'))
  writeFileSync(path.join(folder, 'namespace'), NODE)
  writeFileSync(path.join(folder, 'token'), await server.token(NODE, 'default', 3600))
  const { hostname, port } = new URL(server.url)
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, SIDETRACK_SERVICE_ACCOUNT: folder }
}

async function fill({ server }: Api): Promise<void> {
  const tables: Seed[] = []
  const routes: Seed[] = []
  for (let index = 0; index < TABLES; index++) {
    const clusterIPs = [`10.96.${index >> 8}.${index & 255}`]
    const spec = { service: `service-${index}`, clusterIPs, ports: [{ port: 80, protocol: 'http' }] }
    tables.push({ ...seed(ROUTING_TABLES, { namespace: NODE, name: spec.service }), spec })
    for (let each = 0; each < ROUTES_A_TABLE; each++) {
      const object = route(index, each, `10.88.${index >> 8}.${index & 255}:8080`)
      routes.push({ ...seed(ROUTES, object.metadata), spec: object.spec })
    }
  }
  await server.seed(ROUTING_TABLES, tables)
  await server.seed(ROUTES, routes)
}

function seed(resource: typeof ROUTES | typeof ROUTING_TABLES, metadata: Seed['metadata']) {
  return { apiVersion: apiVersion(resource), kind: resource.kind, metadata }
}

/** As the controller writes it. */
function route(table: number, index: number, address: string) {
  const key = `pr-${index}-of-some-length`
  const owner = { apiVersion: apiVersion(SANDBOXES), kind: SANDBOXES.kind, name: key, uid: randomUUID() }
  return {
    metadata: { namespace: NODE, name: `service-${table}-${key}`, ownerReferences: [owner] },
    spec: { table: `service-${table}`, key, sandbox: key, addresses: [address] },
  }
}
