// Service account tokens of any lifetime, signed as the API server signs them; its own API gives none for less than ten minutes.

import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface TokenSubject {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** `key` is the file of the API server's signing key. `lifetime` in seconds; a negative one has passed. */
export function serviceAccountToken(key: string, { namespace, name, uid }: TokenSubject, lifetime: number): string {
  const now = Math.floor(Date.now() / 1000)
  const issuer = 'https://kubernetes.default.svc'
  const claims = {
    aud: [issuer],
    exp: now + lifetime,
    iat: Math.min(now, now + lifetime),
    iss: issuer,
    jti: randomUUID(),
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    nbf: Math.min(now, now + lifetime),
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
  const signed = [{ alg: 'ES256', typ: 'JWT' }, claims].map((part) => base64url(JSON.stringify(part))).join('.')
  const signature = sign('sha256', Buffer.from(signed), {
    key: createPrivateKey(readFileSync(key)),
    dsaEncoding: 'ieee-p1363',
  })
  return `${signed}.${signature.toString('base64url')}`
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
