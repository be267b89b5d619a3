// A kubeconfig that carries its certificates with it.

import { readFileSync } from 'node:fs'
import type { KeyPair } from './pki.ts'

export type Credentials = KeyPair | { readonly token: string }

/** The text of a kubeconfig; JSON is YAML. `server` is a URL, `authority` the file of the certificate that signed the server's. */
export function kubeconfig(server: string, authority: string, credentials: Credentials): string {
  const user =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  })
}

function base64(file: string): string {
  return readFileSync(file).toString('base64')
}
