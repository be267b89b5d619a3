import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { until } from '../fixtures/until.ts'
import type { ClusterDescription } from './bring-up.ts'
import { clusterFolder, endCluster, joinCluster } from './keeper-link.ts'
import { noCluster } from './requirements.ts'

const NAME = `kit-${process.pid}`
const CLUSTER = new URL('cluster.ts', import.meta.url).href
const START_MS = 20 * 60_000

const skip = process.env['KUBECONFIG'] === undefined ? noCluster() : 'KUBECONFIG names another cluster'

test('a cluster', { skip, timeout: START_MS }, async (t) => {
  t.teardown(() => endCluster(NAME))
  const first = await joinOne()
  const namespaces = namespacesOf(first.cluster)

  await t.test('is shared by all who ask for it by its name', async (t) => {
    const second = await joinOne()
    t.same(second.cluster, first.cluster)
    second.socket.destroy()
  })

  await t.test('keeps its logs when a test of it fails', async (t) => {
    const output = await failOn(first.cluster.kubeconfig)
    t.match(output, 'node/node1')
    const logs = /the cluster's logs: (\S+)/.exec(output)?.[1] ?? ''
    t.teardown(() => rmSync(logs, { recursive: true, force: true }))
    t.match(readdirSync(join(logs, 'programs')).toString(), /node1-etcd.log,.*node1-kubelet.log/)
  })

  await t.test('ends with its keeper, even one that is killed', async (t) => {
    process.kill(keeperOf(first.cluster), 'SIGKILL')
    await until(() => processesIn(namespaces).length === 0)
    t.ok(existsSync(clusterFolder(NAME)), 'its files are left')
  })

  await t.test('starts over what a killed one has left', async (t) => {
    const { cluster, socket } = await joinOne()
    t.not(cluster.nodes[0]?.pid, first.cluster.nodes[0]?.pid)
    const later = namespacesOf(cluster)

    socket.destroy()
    await until(() => !existsSync(clusterFolder(NAME)) && processesIn(later).length === 0, 60_000)
    t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), NAME, 'no mount is left')
    t.same(groups(), [], 'nor a control group')
  })
})

function joinOne() {
  return joinCluster(NAME, 1, { wish: 'use' }, () => undefined)
}

/** What a run of tests prints that uses this cluster and fails. */
async function failOn(kubeconfig: string): Promise<string> {
  const program = `
    import t from 'tap'
    import { useCluster } from '${CLUSTER}'
    t.test('fails', async (t) => {
      const { kubectl } = await useCluster(t)
      t.comment(await kubectl.run(['get', 'nodes', '--output=name']))
      t.fail('as it should')
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return text(child.stdout)
}

/** The machines' process and network namespaces. */
function namespacesOf(cluster: ClusterDescription): readonly string[] {
  return cluster.nodes.flatMap(({ pid }) => ['pid', 'net'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`)))
}

function processesIn(namespaces: readonly string[]): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return ['pid', 'net'].some((kind) => namespaces.includes(readlinkSync(`/proc/${pid}/ns/${kind}`)))
    } catch {
      return false // it has just ended
    }
  })
}

/** A machine is started by `unshare`, and that by the keeper. */
function keeperOf({ nodes }: ClusterDescription): number {
  return parentOf(parentOf(nodes[0]?.pid ?? 0))
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function groups(): readonly string[] {
  const names = readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const roots = ['/sys/fs/cgroup', ...names.map(({ name }) => `/sys/fs/cgroup/${name}`)]
  return roots.flatMap((root) => readdirSync(root).filter((name) => name.startsWith(`sidetrack-${NAME}-`)))
}
