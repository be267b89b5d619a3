// How a process asks the keeper of a cluster for it: lines of JSON over an abstract socket that carries the cluster's name.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ClusterDescription } from './bring-up.ts'

/**
 * `use`: it is wanted until this connection closes and, if `pid` is given, until that process has ended. `hold`: until somebody says
 * `end`, which ends it for everybody. `look`: tell me, nothing else.
 */
export type Wish = { readonly wish: 'use'; readonly pid?: number } | { readonly wish: 'hold' | 'end' | 'look' }

export type News =
  | { readonly state: 'starting'; readonly doing: string }
  | { readonly state: 'ready'; readonly cluster: ClusterDescription }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'ending' }

const KEEPER = join(import.meta.dirname, 'keeper.ts')
const KEEPER_START_MS = 10_000

export function keeperAddress(name: string): string {
  return `\0sidetrack-cluster-${name}`
}

/** Not where temporary files may be configured to be: a machine replaces /run and /var. */
export function clusterFolder(name: string): string {
  return `/tmp/sidetrack-cluster-${name}`
}

/** The name of the cluster that this kubeconfig was made for, if it is one of ours. */
export function clusterOf(kubeconfig: string): string | undefined {
  const name = basename(dirname(kubeconfig)).replace(/^sidetrack-cluster-/, '')
  return dirname(kubeconfig) === clusterFolder(name) ? name : undefined
}

/** A connection to the keeper of a cluster; undefined if there is none. */
export async function dialKeeper(name: string): Promise<net.Socket | undefined> {
  const socket = net.connect({ path: keeperAddress(name) })
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

/** Yields what the keeper has to say, the state that it is in first, until the connection closes. */
export async function* ask(socket: net.Socket, wish: Wish): AsyncGenerator<News> {
  socket.on('error', () => undefined) // it closes, too
  socket.write(`${JSON.stringify(wish)}\n`)
  for await (const line of createInterface(socket)) {
    const news: News = JSON.parse(line)
    yield news
  }
}

/** Joins the users of a cluster, or becomes the first. Resolves when it is ready; the wish lasts as long as the connection. */
export async function joinCluster(
  name: string,
  nodes: number,
  wish: Wish,
  onProgress: (doing: string) => void,
): Promise<{ readonly cluster: ClusterDescription; readonly socket: net.Socket }> {
  for (;;) {
    const socket = (await dialKeeper(name)) ?? (await startKeeper(name, nodes))
    for await (const news of ask(socket, wish)) {
      if (news.state === 'starting') onProgress(news.doing)
      if (news.state === 'failed') throw new Error(news.error)
      if (news.state === 'ready') return { cluster: news.cluster, socket }
    }
    // It was about to end, or was killed: the next one will not be.
    onProgress('waiting for the last one to end')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Ends a cluster and waits until nothing is left of it. False if there is none. */
export async function endCluster(name: string): Promise<boolean> {
  const socket = await dialKeeper(name)
  if (socket === undefined) return false
  for await (const news of ask(socket, { wish: 'end' })) if (news.state === 'failed') throw new Error(news.error)
  return true
}

async function startKeeper(name: string, nodes: number): Promise<net.Socket> {
  const child = spawn(process.execPath, [KEEPER, name, String(nodes)], { detached: true, stdio: 'ignore', cwd: '/' })
  child.unref()
  await once(child, 'spawn')
  const limit = performance.now() + KEEPER_START_MS
  while (performance.now() < limit) {
    const socket = await dialKeeper(name)
    if (socket !== undefined) return socket
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the keeper of the cluster ${name} does not start: see what node ${KEEPER} ${name} ${nodes} says`)
}
