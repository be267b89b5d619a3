// A node: a machine with containerd, kubelet and kube-proxy, each with the paths that it has everywhere.

import { mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createCgroup } from './cgroup.ts'
import type { Daemon } from './daemon.ts'
import { kubeconfig } from './kubeconfig.ts'
import type { Machine } from './machine.ts'
import { machineAddresses } from './network.ts'
import { cniConfig, containerdConfig, kubeletConfig, proxyConfig } from './node-config.ts'
import type { Pki } from './pki.ts'

/** Starts a program on a machine and keeps it running. */
export type Start = (machine: Machine, command: readonly string[]) => Daemon

export interface NodeOptions {
  readonly machine: Machine
  /** Which machine it is, from 1. */
  readonly index: number
  /** Where its configuration goes. */
  readonly folder: string
  readonly cgroup: string
  readonly pki: Pki
  readonly pauseImage: string
  readonly api: {
    readonly url: string
    /** Resolves when it answers: programs that find nobody wait for longer and longer. */
    readonly up: Promise<void>
  }
}

/** Resolves when its programs are started; the node is not yet Ready then. */
export async function startNode(options: NodeOptions, start: Start): Promise<void> {
  await mkdir(join(options.folder, 'cni'), { recursive: true })
  const [kubelet, proxy] = await Promise.all([
    prepareKubelet(options),
    prepareProxy(options),
    startRuntime(options, start),
  ])
  await options.api.up
  start(options.machine, kubelet)
  start(options.machine, proxy)
}

/**
 * Imports a docker-archive or an OCI archive that the host sees; not below /run or /var. Nothing is done if the last one of this file name
 * was the same.
 */
export async function loadImage(machine: Machine, archive: string): Promise<void> {
  const loaded = `/run/loaded-${basename(archive)}`
  const version = `${archive} ${(await stat(archive)).mtimeMs}`
  if ((await machine.run(['sh', '-c', 'cat "$1" || true', 'sh', loaded])) === version) return
  await machine.run(['ctr', '--namespace=k8s.io', 'images', 'import', archive])
  await machine.run(['tee', loaded], version)
}

async function startRuntime({ machine, index, folder, pauseImage }: NodeOptions, start: Start): Promise<void> {
  const config = join(folder, 'containerd.toml')
  await writeFile(join(folder, 'cni/10-pods.conflist'), JSON.stringify(cniConfig(index)))
  await writeFile(config, containerdConfig(join(folder, 'cni')))
  const runtime = start(machine, ['containerd', `--config=${config}`])
  await runtime.ready(() =>
    machine.run(['ctr', 'version']).then(
      () => true,
      () => false,
    ),
  )
  await loadImage(machine, pauseImage)
}

async function prepareKubelet(options: NodeOptions): Promise<readonly string[]> {
  const { machine, index, folder, cgroup, pki, api } = options
  const addresses = machineAddresses(index)
  const pair = await pki.issue(machine.name, {
    user: `system:node:${machine.name}`,
    group: 'system:nodes',
    names: [`DNS:${machine.name}`, ...addresses.map((each) => `IP:${each}`)],
  })
  const config = join(folder, 'kubelet.json')
  const access = join(folder, 'kubelet.kubeconfig')
  const authority = pki.authority.certificate
  await createCgroup(cgroup)
  await writeFile(config, JSON.stringify(kubeletConfig({ cgroup, authority, pair })))
  await writeFile(access, kubeconfig(api.url, authority, pair))
  return [
    'kubelet',
    `--config=${config}`,
    `--kubeconfig=${access}`,
    `--hostname-override=${machine.name}`,
    `--node-ip=${addresses.join(',')}`,
  ]
}

async function prepareProxy({ machine, folder, pki, api }: NodeOptions): Promise<readonly string[]> {
  const pair = await pki.issue(`${machine.name}-proxy`, { user: 'system:kube-proxy' })
  const config = join(folder, 'kube-proxy.json')
  const access = join(folder, 'kube-proxy.kubeconfig')
  await writeFile(access, kubeconfig(api.url, pki.authority.certificate, pair))
  await writeFile(config, JSON.stringify(proxyConfig(machine.name, access)))
  return ['kube-proxy', `--config=${config}`]
}
