// Who is the sidecar in a pod, and whether nobody else is: the kernel exempts a user from redirection, not a process.

import { readFile } from 'node:fs/promises'
import { AGENT_PORT } from '../../core/interception.ts'
import type { PodProcess } from './process-finder.ts'
import { innerUid, uidOf } from './processes.ts'

/**
 * Whose connection it is that comes to the agent's port from port `from` of the loopback, as the user namespace of the process has it; read from
 * the network namespace that the process is in. Undefined if there is none any more.
 */
export async function connectionUser(pid: number, from: number, proc = '/proc'): Promise<number | undefined> {
  const [sockets, map] = await Promise.all(
    ['net/tcp', 'uid_map'].map((file) => readFile(`${proc}/${pid}/${file}`, 'utf8').catch(() => '')),
  )
  const uid = ownerOf(sockets ?? '', from)
  return uid === undefined ? undefined : innerUid(uid, map ?? '')
}

/** proc_net_tcp(5), as a kernel with little-endian words prints it: `1: 0100007F:9C40 0100007F:3AA2 01 … uid …`. */
export function ownerOf(sockets: string, from: number): number | undefined {
  for (const line of sockets.split('\n')) {
    const [, local = '', remote = '', , , , , uid] = line.trim().split(/\s+/)
    if (portOf(local) === from && portOf(remote) === AGENT_PORT && uid !== undefined) return Number(uid)
  }
  return undefined
}

/** Why the pod's calls must not be redirected: processes of more than one container run as the sidecar's user. */
export async function sharedUser(
  processes: readonly PodProcess[],
  uid: number,
  proc = '/proc',
): Promise<string | undefined> {
  const containers = new Set<string>()
  for (const { pid, container } of processes) if ((await uidOf(pid, proc)) === uid) containers.add(container)
  return containers.size > 1
    ? `another container runs as user ${uid}, as the sidecar does, so that its calls could not be told apart`
    : undefined
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16)
}
