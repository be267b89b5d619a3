// A pod's service account: a token and a certificate authority in files that the kubelet writes anew before they expire.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { SidetrackError } from '../../runtime/errors.ts'
import type { Credentials, Shown } from './credentials.ts'

/** A token is written anew when four fifths of its time are over, ten minutes at least: this is early enough. */
const REREAD_MS = 10_000

export interface InCluster {
  /** KUBERNETES_SERVICE_HOST and _PORT. */
  readonly host: string
  readonly port: string
  readonly directory: string
}

/** Throws ST3012 if the pod has no service account. */
export function inClusterCredentials({ host, port, directory }: InCluster): Credentials {
  const file = (name: string) => path.join(directory, name)
  let shown = {
    token: readNow(file('token')),
    ca: readNow(file('ca.crt')),
  }
  let value = show(shown)
  let readAt = performance.now()

  async function read(): Promise<void> {
    readAt = performance.now()
    const [token, ca] = await Promise.all([readFile(file('token'), 'utf8'), readFile(file('ca.crt'), 'utf8')])
    if (token.trim() === shown.token && ca.trim() === shown.ca) return
    const tls = ca.trim() === shown.ca ? value.tls : undefined
    shown = { token: token.trim(), ca: ca.trim() }
    value = show(shown, tls)
  }

  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: readNow(file('namespace')),
    async current() {
      // The kubelet swaps a link: a file that is away for an instant leaves the old token in force.
      if (performance.now() - readAt > REREAD_MS) await read().catch(() => {})
      return value
    },
    async renew(refused) {
      if (value === refused) await read().catch(() => {})
      return value !== refused
    },
  }
}

function show({ token, ca }: { token: string; ca: string }, tls: Shown['tls'] = { ca }): Shown {
  return { headers: { authorization: `Bearer ${token}` }, tls }
}

function readNow(name: string): string {
  try {
    return readFileSync(name, 'utf8').trim()
  } catch (error) {
    throw new SidetrackError(
      'ST3012',
      `the pod's service account cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
