// A running cluster as tests and people use it: kubectl, its nodes, images, logs.

import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { allow } from '../fixtures/patience.ts'
import type { ClusterDescription } from './bring-up.ts'
import { importLayout } from './image-layout.ts'
import { clusterOf, joinCluster } from './keeper-link.ts'
import { Kubectl } from './kubectl.ts'
import { Machine } from './machine.ts'
import { loadImage } from './node.ts'

/** A cold build of the programs included. */
const START_MS = 20 * 60_000

export class Cluster {
  /** With all rights. */
  readonly kubectl: Kubectl
  /** The nodes' machines; none where the caller's own KUBECONFIG is used. */
  readonly machines: readonly Machine[]
  readonly #folder: string | undefined

  constructor(kubectl: Kubectl, machines: readonly Machine[], folder: string | undefined) {
    this.kubectl = kubectl
    this.machines = machines
    this.#folder = folder
  }

  static of(cluster: ClusterDescription): Cluster {
    const machines = cluster.nodes.map(({ name, pid }) => new Machine(name, pid))
    return new Cluster(new Kubectl(join(cluster.programs, 'kubectl'), cluster.kubeconfig), machines, cluster.folder)
  }

  /**
   * Imports images on every node: archives, or the index of a layout. In a cluster of the caller's own they are expected to be there,
   * or to be pulled.
   */
  async load(...files: readonly string[]): Promise<void> {
    await Promise.all(
      this.machines.map(async (machine) => {
        for (const file of files)
          await (file.endsWith('.json') ? importLayout(machine, file) : loadImage(machine, file))
      }),
    )
  }

  /** Copies the logs of its programs and pods into `folder`. */
  async saveLogs(folder: string): Promise<void> {
    if (this.#folder === undefined) return
    await mkdir(folder, { recursive: true })
    await cp(join(this.#folder, 'logs'), join(folder, 'programs'), { recursive: true })
    for (const { name } of this.machines) {
      const pods = join(this.#folder, name, 'var/log/pods')
      await cp(pods, join(folder, name), { recursive: true }).catch(() => undefined) // there were none
    }
  }
}

/**
 * The cluster that all tests of a run share: it starts with the first test that asks and ends with the run. When the test fails,
 * the logs are kept and their place is printed. With KUBECONFIG set, it is the caller's cluster.
 */
export async function useCluster(t: Test): Promise<Cluster> {
  const given = process.env['KUBECONFIG']
  allow(t, START_MS)
  if (given !== undefined && clusterOf(given) === undefined)
    return new Cluster(new Kubectl('kubectl', given), [], undefined)
  // All test files of a run are children of one process.
  const run = process.env['TAP'] === undefined ? process.pid : process.ppid
  const name = (given !== undefined && clusterOf(given)) || `test-${run}`
  const wish = { wish: 'use', pid: run } as const
  const { cluster, socket } = await joinCluster(name, 2, wish, (doing) => t.comment(doing))
  socket.unref()
  const shared = Cluster.of(cluster)
  t.teardown(async () => {
    if (!t.passing()) {
      const logs = `/tmp/sidetrack-logs-${name}-${process.pid}`
      await shared.saveLogs(logs)
      t.comment(`the cluster's logs: ${logs}`)
    }
    socket.destroy()
  })
  return shared
}
