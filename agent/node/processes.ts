// What the machine says of a process in /proc: its container and pod, by their cgroups, and its user.

import { readFile } from 'node:fs/promises'

/** Of a container's cgroup, wherever the runtime puts it: `…/cri-containerd-<id>.scope`, `…/crio-<id>.scope`, `…/pod<uid>/<id>`. */
const CONTAINER_ID = /(?:^|[/:-])([0-9a-f]{64})(?=$|[./])/g
/** CRI-O's monitor stands in a group that has its container's name, but not in the container. */
const MONITOR = 'crio-conmon-'

/** The container that a process is in, from the text of its /proc/PID/cgroup (v1 or v2); undefined if it is in none. */
export function containerOf(cgroups: string): string | undefined {
  for (const line of cgroups.split('\n')) {
    if (line.includes(MONITOR)) return undefined
    // The innermost one: a container may run others.
    const id = [...line.matchAll(CONTAINER_ID)].at(-1)?.[1]
    if (id !== undefined) return id
  }
  return undefined
}

/** Of a pod's cgroup: `…/kubepods-burstable-pod<uid>.slice`, with `_` for `-`, or `…/pod<uid>`. */
const POD_UID = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?=$|[./])/g

/** The uid of the pod that a process is in, from the same text; undefined if it is in none. */
export function podOf(cgroups: string): string | undefined {
  for (const line of cgroups.split('\n')) {
    const uid = [...line.matchAll(POD_UID)].at(-1)?.[1]
    if (uid !== undefined) return uid.replaceAll('_', '-')
  }
  return undefined
}

/** `containerd://<id>`, `cri-o://<id>` → the id. */
export function containerId(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^[a-z0-9-]+:\/\/([0-9a-f]{64})$/.exec(text)?.[1]
}

/**
 * Who a process runs as: its effective uid as its own user namespace has it, which is how the kernel compares it in the pod's network
 * namespace. Undefined if it is gone.
 */
export async function uidOf(pid: number, proc = '/proc'): Promise<number | undefined> {
  const status = await readOrNothing(`${proc}/${pid}/status`)
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]
  return uid === undefined ? undefined : innerUid(Number(uid), await readOrNothing(`${proc}/${pid}/uid_map`))
}

/** user_namespaces(7): lines of `first-inside first-outside count`. A uid that is not mapped is taken as it is. */
export function innerUid(outer: number, map: string): number {
  for (const line of map.split('\n')) {
    const [inside, outside, count] = line.trim().split(/\s+/).map(Number)
    if (inside === undefined || outside === undefined || count === undefined) continue
    if (outer >= outside && outer < outside + count) return inside + outer - outside
  }
  return outer
}

/** Processes end while they are looked at. */
async function readOrNothing(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}
