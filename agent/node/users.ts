// Who is the sidecar in a pod, and whether nobody else is: the kernel exempts a user from redirection, not a process.

import { readFile } from 'node:fs/promises'
import { AGENT_PORT } from '../../core/interception.ts'
import type { PodProcess } from './process-finder.ts'
import { innerUid, uidOf } from './processes.ts'
import { openConnections } from './sockets.ts'

/**
 * Whose connection it is that comes to the agent's port from port `from` of the loopback, as the user namespace of the process has it; read from
 * the network namespace that the process is in. Undefined if there is none any more.
 */
export async function connectionUser(pid: number, from: number, proc = '/proc'): Promise<number | undefined> {
  const [connections, inner] = await Promise.all([openConnections(pid, proc), innerUids(pid, proc)])
  const found = connections.find(({ localPort, remotePort }) => localPort === from && remotePort === AGENT_PORT)
  return found === undefined ? undefined : inner(found.uid)
}

/** From users as this process has them to users as the process's user namespace has them. */
export async function innerUids(pid: number, proc = '/proc'): Promise<(uid: number) => number> {
  const map = await readFile(`${proc}/${pid}/uid_map`, 'utf8').catch(() => '')
  return (uid) => innerUid(uid, map)
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
