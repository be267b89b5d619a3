// The cluster that is measured on: the tests' own, of two nodes in namespaces of this machine, with Sidetrack installed.

import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import type { Progress } from '../progress.ts'
import { commandLine, descendants } from '../procfs.ts'
import { fromRoot } from '../root.ts'

const NAME = 'bench-istio'
const PROGRAM = 'test/cluster/main.ts'
/** Where `npm run cluster` keeps what belongs to one. */
const FOLDER = `/tmp/sidetrack-cluster-${NAME}`

export interface BenchCluster {
  readonly client: Client
  /** For programs in the network of the first node. */
  readonly localKubeconfig: string
  kubectl(args: readonly string[], input?: string): Promise<string>
  /** Server-side apply of objects of any kind. */
  apply(objects: readonly object[]): Promise<void>
  load(archive: string): Promise<void>
  /** Host ids of all its processes. */
  pids(): readonly number[]
  /** The command that runs one in the network of the first node, with this machine's files. */
  inNetwork(command: readonly string[]): readonly string[]
  stop(): Promise<void>
}

/** One that is up already stays up afterwards. */
export async function startCluster(progress: Progress): Promise<BenchCluster> {
  const wasUp = (await run(['network', 'node1', 'true']).catch(() => undefined)) !== undefined
  progress(wasUp ? 'the cluster that is up' : 'a cluster')
  await run(['up'])
  progress('Sidetrack, from these sources')
  await run(['install'])
  const client = new Client(await kubeconfigCredentials({ file: `${FOLDER}/admin.kubeconfig` }), 'sidetrack-bench')
  const kubectl = (args: readonly string[], input?: string) => run(['kubectl', ...args], input)
  return {
    client,
    localKubeconfig: `${FOLDER}/local.kubeconfig`,
    kubectl,
    apply: async (objects) => {
      const text = objects.map((each) => JSON.stringify(each)).join('\n---\n')
      await kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], text)
    },
    load: async (archive) => {
      await run(['load', archive])
    },
    pids: () => keepers().flatMap(descendants),
    inNetwork: (command) => [process.execPath, fromRoot(PROGRAM), '--name', NAME, 'network', 'node1', ...command],
    stop: async () => {
      client.close()
      if (!wasUp) await run(['down'])
    },
  }
}

/** The Kubernetes that it runs, for the result. */
export function kubernetesVersion(client: Client): Promise<string> {
  return client.read<{ readonly gitVersion: string }>('/version').then(({ gitVersion }) => gitVersion)
}

/** The first process of the cluster, under which all others are. */
function keepers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(`keeper.ts ${NAME} `))
}

async function run(args: readonly string[], input = ''): Promise<string> {
  const child = spawn(process.execPath, [fromRoot(PROGRAM), '--name', NAME, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => undefined) // one that ends without reading its input says so by its exit
  child.stdin.end(input)
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended])
  if (code === 0) return stdout.toString()
  throw new Error(`npm run cluster -- ${args.join(' ').slice(0, 200)}: ${stderr.toString().trim().slice(-2000)}`)
}

/** Runs a program of `bench/istio/setup` and answers what it printed. */
export function capture(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 27 })
}

export function readText(file: string): string {
  return readFileSync(file, 'utf8')
}
