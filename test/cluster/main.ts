// `npm run cluster -- …`: a cluster to develop with, by hand.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Cluster } from './cluster.ts'
import { buildHelm } from './helm.ts'
import { buildImages } from './images.ts'
import { installOn } from './installation.ts'
import { ask, dialKeeper, endCluster, joinCluster } from './keeper-link.ts'
import { buildPrograms } from './programs.ts'

const USAGE = `usage: npm run cluster -- [--name NAME] [--nodes N] COMMAND
  build                 the programs of a cluster and Helm, into the cache
  up                    starts a cluster and prints its KUBECONFIG
  down                  ends it; nothing is left
  images                builds the project's images and prints their index
  load [FILE…]          imports images on every node: archives, or an index; without any, the project's
  install               Sidetrack of these sources, images and all
  kubectl ARGS…
  exec NODE COMMAND…    runs a command on node1, node2, …
  network NODE COMMAND… runs a command in a node's network only, with your own files
`

const options = { name: 'dev', nodes: 2 }
const words = process.argv.slice(2)
while (words[0]?.startsWith('--')) {
  const [option, value = ''] = words.splice(0, 2)
  if (option === '--name') options.name = value
  else if (option === '--nodes' && Number(value) > 0) options.nodes = Number(value)
  else exitWithUsage()
}
const [command, ...args] = words
process.exitCode = await obey()

async function obey(): Promise<number> {
  switch (command) {
    case 'build':
      console.log((await buildPrograms()).folder)
      console.log(await buildHelm())
      return 0
    case 'images':
      console.log(await buildImages())
      return 0
    case 'up':
      return up()
    case 'down':
      console.error((await endCluster(options.name)) ? 'down' : 'it was not up')
      return 0
    case 'load':
      await Cluster.of(await running()).load(...(args.length > 0 ? args : [await buildImages()]))
      return 0
    case 'install':
      await installOn(Cluster.of(await running()))
      return 0
    case 'kubectl': {
      const { programs, kubeconfig } = await running()
      return passOn([join(programs, 'kubectl'), `--kubeconfig=${kubeconfig}`, ...args])
    }
    case 'exec':
    case 'network': {
      const [node = '', ...rest] = args
      const machine = Cluster.of(await running()).machines.find(({ name }) => name === node)
      if (machine === undefined) return exitWithUsage()
      return passOn(command === 'exec' ? machine.inside(rest) : machine.inNetwork(rest))
    }
    default:
      return exitWithUsage()
  }
}

async function up(): Promise<number> {
  const start = performance.now()
  const { cluster, socket } = await joinCluster(options.name, options.nodes, { wish: 'hold' }, (doing) =>
    console.error(doing),
  )
  socket.destroy()
  console.error(
    `ready after ${((performance.now() - start) / 1000).toFixed(1)} s; for kubectl and for tests on this cluster:`,
  )
  console.log(`export KUBECONFIG=${cluster.kubeconfig}`)
  return 0
}

async function running() {
  const socket = await dialKeeper(options.name)
  if (socket === undefined) throw new Error(`no cluster ${options.name} is up`)
  for await (const news of ask(socket, { wish: 'look' })) {
    if (news.state === 'ready') {
      socket.destroy()
      return news.cluster
    }
  }
  throw new Error(`the cluster ${options.name} ended`)
}

async function passOn([program = '', ...rest]: readonly string[]): Promise<number> {
  const [code]: unknown[] = await once(spawn(program, rest, { stdio: 'inherit' }), 'exit')
  return typeof code === 'number' ? code : 1
}

function exitWithUsage(): never {
  process.stderr.write(USAGE)
  process.exit(64)
}
