// Where a soak takes place: a cluster of its own, the shop with two pods of each service, two ledgers with sidecars, one without.

import { setTimeout as sleep } from 'node:timers/promises'
import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { BypassingPod, NodeReport } from '../../kubernetes/resources/node-report.ts'
import { Cluster } from '../cluster/cluster.ts'
import { SYSTEM } from '../cluster/installation.ts'
import { joinCluster } from '../cluster/keeper-link.ts'
import { Ledger } from '../e2e/ledger/ledger.ts'
import { eventually } from '../e2e/stage/api.ts'
import { INJECTED } from '../e2e/stage/objects.ts'
import type { Scope } from '../e2e/stage/scope.ts'
import { Shop } from '../e2e/stage/shop.ts'
import { setStage, type Stage, useNamespace } from '../e2e/stage/stage.ts'
import { SharedRun } from './shared-run.ts'

const PATIENCE = '--timeout=180s'
const CALM_MS = 180_000
/** Agents count old connections this often. */
const RECOUNT_MS = 10_000

export interface GroundParts {
  readonly stage: Stage
  /** Of the cluster. */
  readonly name: string
  readonly namespace: string
  /** `deployment/cart`, of the shop and no fork. */
  readonly workloads: readonly string[]
  readonly shop: Shop
  readonly ledgers: readonly Ledger[]
  readonly control: Ledger
}

export class Ground {
  readonly stage: Stage
  readonly name: string
  readonly namespace: string
  readonly ledgers: readonly Ledger[]
  readonly control: Ledger
  readonly #workloads: readonly string[]
  readonly #programming: SharedRun
  readonly #say: (line: string) => void

  constructor({ stage, name, namespace, workloads, shop, ledgers, control }: GroundParts, say: (line: string) => void) {
    this.stage = stage
    this.name = name
    this.namespace = namespace
    this.ledgers = ledgers
    this.control = control
    this.#workloads = workloads
    this.#programming = new SharedRun(() => programmed(shop))
    this.#say = say
  }

  /** Joins a cluster of this name, or starts it. */
  static async take(t: Scope, name: string, say: (line: string) => void): Promise<Ground> {
    const { cluster, socket } = await joinCluster(name, 2, { wish: 'use', pid: process.pid }, say)
    t.teardown(() => socket.destroy())
    const stage = await setStage(t, Cluster.of(cluster))
    const { kubectl, nodes } = stage
    const namespace = await useNamespace(t, kubectl, 'soak', { [NAMESPACE_LABEL]: 'enabled' })
    const shop = await Shop.open(stage, namespace)
    const here = `--namespace=${namespace}`
    await kubectl.run(['scale', here, '--replicas=2', 'deployment', '--all'])
    const { items } = await kubectl.get<{ items: readonly KubernetesObject[] }>(['deployments', here])
    const workloads = items.map(({ metadata }) => `deployment/${metadata.name}`)
    await kubectl.run(['wait', here, '--for=condition=Available', PATIENCE, ...workloads])
    const start = (ledger: string, node: string, annotations: Readonly<Record<string, string>>) =>
      Ledger.start(t, stage, { namespace, name: ledger, node, annotations })
    const ledgers = await Promise.all(nodes.map((node, i) => start(`ledger-${i}`, node, INJECTED)))
    const control = await start('control', nodes[1], {})
    return new Ground({ stage, name, namespace, workloads, shop, ledgers, control }, say)
  }

  /** Resolves when all that was written so far is in force on every node. */
  async programmed(): Promise<void> {
    await this.#programming.run()
  }

  /** The pods of the soak that are announced to bypass their sidecars. */
  async bypassing(): Promise<readonly BypassingPod[]> {
    const path = '/apis/sidetrack.dev/v1alpha1/nodereports'
    const { items } = await this.stage.api.get<{ items: readonly NodeReport[] }>(path)
    return items.flatMap(({ status }) => status?.bypassing ?? []).filter((pod) => pod.namespace === this.namespace)
  }

  /** Resolves when every part is there, what was written is in force and no pod bypasses its sidecar. */
  async calm(): Promise<void> {
    const { kubectl } = this.stage
    const isAvailable = ['wait', '--for=condition=Available', PATIENCE]
    await eventually(async () => (await kubectl.run(['get', '--raw=/readyz'])) === 'ok', CALM_MS)
    await kubectl.run([...isAvailable, `--namespace=${this.namespace}`, ...this.#workloads])
    await kubectl.run([...isAvailable, `--namespace=${SYSTEM}`, 'deployment/sidetrack-controller'])
    await kubectl.run(['rollout', 'status', `--namespace=${SYSTEM}`, 'daemonset/sidetrack-agent', PATIENCE])
    await this.programmed()
    await eventually(async () => {
      const still = await this.bypassing()
      for (const { pod, reason } of still) {
        // A fork ends with its sandbox soon enough; to delete its pod would take its key's requests away.
        if (reason === 'OldConnections' && !isFork(pod)) await this.#endOldConnections(pod)
      }
      if (still.length > 0) throw new Error(JSON.stringify(still))
      return true
    }, CALM_MS)
  }

  /** As a person would: connections that were opened past a sidecar live for as long as they are used. */
  async #endOldConnections(pod: string): Promise<void> {
    const ledger = this.ledgers.find(({ name }) => name === pod)
    this.#say(`${pod} is to give up its old connections`)
    if (ledger === undefined) await this.stage.kubectl.run(['delete', 'pod', pod, `--namespace=${this.namespace}`])
    else await ledger.renew()
    await sleep(RECOUNT_MS)
  }
}

/** etcd and the API server are killed as well: what fails is tried again. */
async function programmed(shop: Shop): Promise<void> {
  await eventually(async () => {
    await shop.programmed()
    return true
  }, CALM_MS)
}

/** `cart--pr-42-5f7b…` */
function isFork(pod: string): boolean {
  return pod.includes('--')
}
