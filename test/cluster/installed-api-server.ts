// An API server with Sidetrack's manifests as a program of its own, for measurements: `node test/cluster/installed-api-server.ts`. Tells on
// stdout where it is, as one line of JSON, and ends with its stdin.

import { once } from 'node:events'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launchApiServer } from './api-server.ts'

const MANIFESTS = join(import.meta.dirname, '../../manifests')
const SYSTEM = 'sidetrack-system'

const server = await launchApiServer()
const { kubectl, folder } = server
try {
  await kubectl.run(['apply', '-k', MANIFESTS])
  await kubectl.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'])
  // Nobody serves it.
  await kubectl.run(['delete', 'mutatingwebhookconfiguration', 'sidetrack'])
  const serviceAccount = join(folder, 'controller')
  await mkdir(serviceAccount)
  await writeFile(join(serviceAccount, 'token'), await server.token(SYSTEM, 'sidetrack-controller', 86_400))
  await writeFile(join(serviceAccount, 'namespace'), SYSTEM)
  await copyFile(server.authority, join(serviceAccount, 'ca.crt'))
  console.log(JSON.stringify({ url: server.url, etcd: server.etcd, kubeconfig: kubectl.kubeconfig, serviceAccount }))
  process.stdin.resume()
  await once(process.stdin, 'end')
} finally {
  await server.end()
  await rm(folder, { recursive: true })
}
