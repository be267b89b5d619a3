// Everything that a soak does to a cluster: each is announced, done, and mended as far as it does not mend itself.

import { setTimeout as sleep } from 'node:timers/promises'
import { SYSTEM } from '../cluster/installation.ts'
import { eventually } from '../e2e/stage/api.ts'
import type { Ledger } from '../e2e/ledger/ledger.ts'
import { type Container, containerOf, podsOf } from '../e2e/stage/container.ts'
import type { Cost } from './account.ts'
import { cutOff } from './cut.ts'
import type { Ground } from './ground.ts'
import type { Load } from './load.ts'
import type { Random } from './random.ts'
import type { Sandboxes } from './sandboxes.ts'

export interface FaultParts {
  readonly ground: Ground
  readonly load: Load
  readonly sandboxes: Sandboxes
  readonly random: Random
}

export interface Plan {
  /** Callers that may bypass their sidecars and keys whose forks may be gone, until all is calm again. */
  readonly exceptions?: readonly string[]
  /** Makes it, and answers what it may cost; resolves when it is over. */
  readonly make: () => Promise<Cost | undefined>
}

/** How long the kernel redirects to a sidecar that gives no sign, and what a busy machine adds. */
const SWITCH_MS = 3000 + 2000
/** Shorter than it takes until a node that says nothing is given up: 50 s. */
const CUT_MS = [4000, 12_000] as const
const STOP_MS = [3000, 7000] as const
/** Until a connection that was cut sends again, TCP may wait as long as the cut was. */
const RESEND = 2
const LOOK_MS = 1000
const PATIENCE_MS = 300_000
/** Until a kubelet has seen that a container is gone, and its probes have failed. */
const NOTICED_MS = 4000

const AGENT = 'app.kubernetes.io/component=agent'
const CONTROLLER = 'app.kubernetes.io/component=controller'
const FORK = 'sidetrack.dev/sandbox'

/** By name; each plans itself anew. */
export const FAULTS: Readonly<Record<string, (parts: FaultParts) => Promise<Plan>>> = {
  'an agent killed': async (parts) => free(async () => (await anAgent(parts)).signal('SIGKILL')),
  'an agent stopped for a while': async (parts) =>
    free(async () => stopFor(await anAgent(parts), parts.random.between(...STOP_MS))),
  'all agents replaced': async (parts) => free(() => restart(parts, 'daemonset/sidetrack-agent')),
  'a controller killed': async (parts) => free(async () => (await aController(parts)).signal('SIGKILL')),
  'both controllers killed': async ({ ground: { stage } }) =>
    free(async () => {
      const pods = await podsOf(stage.cluster, SYSTEM, CONTROLLER)
      const all = await Promise.all(pods.map((pod) => containerOf(stage.cluster, SYSTEM, pod, 'controller')))
      await Promise.all(all.map((each) => each.signal('SIGKILL')))
    }),
  'all controllers replaced': async (parts) => free(() => restart(parts, 'deployment/sidetrack-controller')),
  'the API server killed': async ({ ground }) => free(() => program(ground, 'kube-apiserver', 'SIGKILL')),
  'the API server stopped for a while': async ({ ground, random }) =>
    free(async () => {
      await program(ground, 'kube-apiserver', 'SIGSTOP')
      await sleep(random.between(...STOP_MS))
      await program(ground, 'kube-apiserver', 'SIGCONT')
    }),
  'etcd killed': async ({ ground }) => free(() => program(ground, 'etcd', 'SIGKILL')),
  'a node cut off from the API server': async (parts) => cut(parts, 'the API server'),
  'a node cut off from everything': async (parts) => cut(parts, 'everything'),
  'a sidecar killed': async (parts) => sidecar(parts, (each) => each.signal('SIGKILL')),
  'a sidecar stopped for a while': async (parts) =>
    sidecar(
      parts,
      (each) => each.signal('SIGSTOP'),
      async (each) => {
        await sleep(SWITCH_MS + parts.random.between(...STOP_MS))
        await each.signal('SIGCONT')
      },
    ),
  'a sidecar and its agent killed': async (parts) => {
    const { ground } = parts
    const agents = await Promise.all(ground.stage.nodes.map((node) => agentOf(ground, node)))
    return sidecar(parts, async (each) => {
      const beside = agents.find(({ machine }) => machine.name === each.machine.name)
      await Promise.all([each.signal('SIGKILL'), beside?.signal('SIGKILL')])
    })
  },
  'a baseline pod deleted': async ({ ground, random }) => {
    const service = random.pick(['storefront', 'cart', 'pricing', 'catalog'])
    const pod = random.pick(await podsOf(ground.stage.cluster, ground.namespace, `app=${service}`))
    return { exceptions: [service], make: async () => remove(ground, pod) }
  },
  'a fork’s pod deleted': async (parts) => fork(parts, (ground, pod) => remove(ground, pod)),
  'a fork killed': async (parts) =>
    fork(parts, async ({ stage, namespace }, pod, service) =>
      (await containerOf(stage.cluster, namespace, pod, service)).signal('SIGKILL'),
    ),
}

/** What must cost nothing. */
function free(make: () => Promise<void>): Plan {
  return {
    make: async () => {
      await make()
      return undefined
    },
  }
}

async function anAgent({ ground, random }: FaultParts): Promise<Container> {
  return agentOf(ground, random.pick(ground.stage.nodes))
}

async function agentOf({ stage }: Ground, node: string): Promise<Container> {
  const [pod = ''] = await podsOf(stage.cluster, SYSTEM, AGENT, node)
  return containerOf(stage.cluster, SYSTEM, pod, 'agent')
}

async function aController({ ground: { stage }, random }: FaultParts): Promise<Container> {
  const pod = random.pick(await podsOf(stage.cluster, SYSTEM, CONTROLLER))
  return containerOf(stage.cluster, SYSTEM, pod, 'controller')
}

async function stopFor(container: Container, milliseconds: number): Promise<void> {
  await container.signal('SIGSTOP')
  await sleep(milliseconds)
  await container.signal('SIGCONT')
}

async function restart({ ground: { stage } }: FaultParts, workload: string): Promise<void> {
  await stage.kubectl.run(['rollout', 'restart', workload, `--namespace=${SYSTEM}`])
  await stage.kubectl.run(['rollout', 'status', workload, `--namespace=${SYSTEM}`, '--timeout=180s'])
}

async function program({ stage }: Ground, name: string, signal: NodeJS.Signals): Promise<void> {
  await stage.cluster.machines[0]?.kill(name, signal)
}

async function remove({ stage, namespace }: Ground, pod: string): Promise<undefined> {
  await stage.kubectl.run(['delete', 'pod', pod, `--namespace=${namespace}`])
}

/** The first node is never cut off: the API server is there. */
async function cut({ ground, random }: FaultParts, what: 'the API server' | 'everything'): Promise<Plan> {
  const machine = random.pick(ground.stage.cluster.machines.slice(1))
  const length = random.between(...CUT_MS)
  return {
    make: async () => {
      const join = await cutOff(machine, what)
      await sleep(length)
      await join()
      return what === 'everything' ? { until: Date.now() + length * RESEND } : undefined
    },
  }
}

/** Of a ledger. Connections that it opened past its sidecar are given up afterwards: they would stay there. */
async function sidecar(
  { ground, random }: FaultParts,
  strike: (container: Container) => Promise<void>,
  mend: (container: Container) => Promise<void> = () => sleep(SWITCH_MS),
): Promise<Plan> {
  const ledger = random.pick(ground.ledgers)
  const struck = await containerOf(ground.stage.cluster, ground.namespace, ledger.name, 'sidetrack')
  return {
    exceptions: [ledger.name],
    make: async () => {
      await strike(struck)
      await mend(struck)
      // One that goes on ends what it held meanwhile: its upstreams have left.
      const until = Date.now() + LOOK_MS
      await redirectedAgain(ground, ledger)
      return { caller: ledger.name, until }
    },
  }
}

/**
 * Takes new connections for the ledger until the pod is announced as bypassing no more. It has to be so twice: what is announced may be
 * half a second old.
 */
async function redirectedAgain(ground: Ground, ledger: Ledger): Promise<void> {
  let good = 0
  await eventually(async () => {
    await ledger.renew()
    await sleep(LOOK_MS)
    const isRedirected = (await ground.bypassing()).every(({ pod }) => pod !== ledger.name)
    good = isRedirected ? good + 1 : 0
    return good === 2
  }, PATIENCE_MS)
}

/** Of a fork that is in use; nothing if there is none. */
async function fork(
  { ground, load, sandboxes, random }: FaultParts,
  strike: (ground: Ground, pod: string, service: string) => Promise<void>,
): Promise<Plan> {
  const [live] = random.shuffled(load.strict)
  if (live === undefined) return free(async () => undefined)
  return {
    exceptions: [live.key],
    make: async () => {
      const [pod] = await podsOf(ground.stage.cluster, ground.namespace, `${FORK}=${live.key}`)
      // Its sandbox may be ended at the same time.
      const isUsed = () => load.strict.some(({ key }) => key === live.key)
      if (pod !== undefined)
        await strike(ground, pod, live.service).catch((error: unknown) => {
          if (isUsed()) throw error
        })
      await sleep(NOTICED_MS)
      await sandboxes.readyOrGone(live.key)
      return { key: live.key }
    },
  }
}
