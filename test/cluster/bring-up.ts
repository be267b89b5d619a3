// Brings a whole cluster up, everything at once that does not wait for something else.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  apiServerCommand,
  controllerManagerCommand,
  controlPlaneKeys,
  etcdCommand,
  schedulerCommand,
} from './control-plane.ts'
import { supervise } from './daemon.ts'
import { corefile, dnsObjects } from './dns.ts'
import { openGate } from './gate.ts'
import { Kubectl } from './kubectl.ts'
import { kubeconfig } from './kubeconfig.ts'
import { Machine } from './machine.ts'
import { API_PORT, connect, machineAddresses } from './network.ts'
import { type Start, startNode } from './node.ts'
import { Pki } from './pki.ts'
import type { Programs } from './programs.ts'
import { apiServerIsReady } from './readiness.ts'

const ETCD = 'http://127.0.0.1:2379'
const ETCD_PEER = 'http://127.0.0.1:2380'
const [API_ADDRESS] = machineAddresses(1)

export interface ClusterOptions {
  /** Tells its control groups from those of other clusters. */
  readonly name: string
  readonly nodes: number
  /** For all that it writes; nothing below /run or /var, which the machines replace. */
  readonly folder: string
  readonly programs: Programs
  /** Ends the supervision of its programs. */
  readonly signal: AbortSignal
  /** Hears of every machine as soon as it is there: ending the machines ends the cluster, ready or not. */
  readonly onMachine: (machine: Machine) => void
}

/** What others need to use it. */
export interface ClusterDescription {
  readonly folder: string
  /** Where its programs are. */
  readonly programs: string
  /** For clients on the host. */
  readonly kubeconfig: string
  readonly nodes: readonly { readonly name: string; readonly pid: number }[]
}

/** Resolves when every node is ready and DNS has its Service. */
export async function bringUp(options: ClusterOptions): Promise<ClusterDescription> {
  const { folder, programs, name } = options
  const logs = join(folder, 'logs')
  await mkdir(logs, { recursive: true })
  const start: Start = (machine, command) => {
    const log = join(logs, `${machine.name}-${command[0]}.log`)
    return supervise(() => machine.start(command, log), options.signal)
  }

  const [pki, machines] = await Promise.all([Pki.create(join(folder, 'pki')), bootMachines(options)])
  const [first] = machines
  if (first === undefined) throw new Error('a cluster has at least one node')
  await connect(machines)

  const api = startControlPlane(first, folder, pki, start)
  const nodes = machines.map((machine, i) =>
    startNode(
      {
        machine,
        index: i + 1,
        folder: join(folder, machine.name),
        cgroup: `${name}-${machine.name}`,
        pki,
        pauseImage: programs.pauseImage,
        api: { url: `https://${API_ADDRESS}:${API_PORT}`, up: api },
      },
      start,
    ),
  )
  const admin = join(folder, 'admin.kubeconfig')
  const kubectl = new Kubectl(join(programs.folder, 'kubectl'), admin)
  const dns = api.then(() => kubectl.apply(dnsObjects))
  await Promise.all([...nodes, dns])
  await kubectl.run(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s'])
  return {
    folder,
    programs: programs.folder,
    kubeconfig: admin,
    nodes: machines.map((machine) => ({ name: machine.name, pid: machine.pid })),
  }
}

async function bootMachines({ nodes, folder, programs, onMachine }: ClusterOptions): Promise<readonly Machine[]> {
  const names = Array.from({ length: nodes }, (_, i) => `node${i + 1}`)
  return Promise.all(
    names.map(async (name) => {
      const machine = await Machine.boot(name, join(folder, name), programs.folder)
      onMachine(machine)
      return machine
    }),
  )
}

/** Resolves when the API server is ready, and writes `admin.kubeconfig` for clients on the host. */
async function startControlPlane(machine: Machine, folder: string, pki: Pki, start: Start): Promise<void> {
  start(machine, etcdCommand(join(folder, 'etcd'), ETCD, ETCD_PEER))
  const [keys, gate] = await Promise.all([
    controlPlaneKeys(pki, machineAddresses(1)),
    openGate(machine, '127.0.0.1', API_PORT),
  ])
  const server = start(machine, apiServerCommand({ etcd: ETCD, port: API_PORT, address: API_ADDRESS, keys }))
  const local = join(folder, 'local.kubeconfig')
  await Promise.all([
    writeFile(local, kubeconfig(`https://127.0.0.1:${API_PORT}`, pki.authority.certificate, keys.admin)),
    writeFile(
      join(folder, 'admin.kubeconfig'),
      kubeconfig(`https://127.0.0.1:${gate.port}`, pki.authority.certificate, keys.admin),
    ),
    writeFile(join(folder, 'Corefile'), corefile(local)),
  ])
  await server.ready(() => apiServerIsReady(gate.port, keys))
  start(machine, controllerManagerCommand(local, pki))
  start(machine, schedulerCommand(local))
  start(machine, ['coredns', `-conf=${join(folder, 'Corefile')}`])
}
