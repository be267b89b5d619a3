// Whether an API server is ready to serve, asked as its administrator.

import { readFileSync } from 'node:fs'
import https from 'node:https'
import type { ControlPlaneKeys } from './control-plane.ts'

/**
 * Never rejects: a server that is not there is not ready. It says itself that it is, and reads from etcd: what it says of etcd is up
 * to two seconds old.
 */
export async function apiServerIsReady(port: number, keys: ControlPlaneKeys): Promise<boolean> {
  return (await serves(port, '/readyz', keys)) && serves(port, '/api/v1/namespaces/kube-system', keys)
}

async function serves(port: number, path: string, { pki, admin }: ControlPlaneKeys): Promise<boolean> {
  const request = https.get({
    host: '127.0.0.1',
    port,
    path,
    ca: readFileSync(pki.authority.certificate),
    cert: readFileSync(admin.certificate),
    key: readFileSync(admin.key),
    agent: false,
    timeout: 2000,
  })
  return new Promise((resolve) => {
    request.on('response', (response) => resolve(response.resume().statusCode === 200))
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', () => resolve(false))
  })
}
