// Which connections of a pod go through its sidecar: read from the lists of its network namespace's sockets.

import { readFile } from 'node:fs/promises'
import { FIRST_INBOUND_PORT, INBOUND_PORTS, INTERCEPT_PORT } from '../../core/interception.ts'

/** TCP_ESTABLISHED in the kernel's tcp_states.h. */
const ESTABLISHED = '01'

/** How many connections the sidecar of a process's network namespace has taken and not closed. Throws if the process is gone. */
export async function openRedirects(pid: number, proc = '/proc'): Promise<number> {
  const lists = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`${proc}/${pid}/net/${name}`, 'utf8').catch(ignoreMissing(name))),
  )
  return lists.reduce((sum, list) => sum + countRedirects(list), 0)
}

/** proc_net_tcp(5): `1: 0100407F:3A99 0100007F:9C40 01 …`, each address with its port in hexadecimal. */
export function countRedirects(list: string): number {
  let count = 0
  for (const line of list.split('\n').slice(1)) {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const port = Number.parseInt(local.slice(local.indexOf(':') + 1), 16)
    const isTheirs =
      port === INTERCEPT_PORT || (port >= FIRST_INBOUND_PORT && port < FIRST_INBOUND_PORT + INBOUND_PORTS)
    if (state === ESTABLISHED && isTheirs) count++
  }
  return count
}

/** A kernel without IPv6 has no list of its sockets. */
function ignoreMissing(name: string): (error: unknown) => string {
  return (error) => {
    if (name === 'tcp6') return ''
    throw error
  }
}
