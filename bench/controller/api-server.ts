// The API server of a measurement: a program of test/, which knows how to build and start one.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fromRoot } from '../root.ts'

export interface InstalledApiServer {
  readonly url: string
  /** With all rights. */
  readonly kubeconfig: string
  /** The folder of the controller's service account. */
  readonly serviceAccount: string
  /** Where its etcd answers, without any keys. */
  readonly etcd: string
  /** Of the program that keeps etcd and the API server. */
  readonly pid: number
  stop(): Promise<void>
}

export async function startInstalledApiServer(): Promise<InstalledApiServer> {
  const program = fromRoot('test/cluster/installed-api-server.ts')
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = once(createInterface(child.stdout), 'line')
  const [first] = await Promise.race([line, ended.then(() => [undefined])])
  if (typeof first !== 'string') throw new Error('the API server did not start')
  const told: Omit<InstalledApiServer, 'stop' | 'pid'> = JSON.parse(first)
  return {
    ...told,
    pid: child.pid ?? 0,
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
