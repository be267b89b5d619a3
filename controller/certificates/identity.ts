// A serving identity of the webhook: a certificate, its key, and the authority that signed it and nothing else.

import { createPrivateKey, X509Certificate } from 'node:crypto'

export interface Identity {
  /** When it was made, as text; names it in the Secret. */
  readonly id: string
  /** All PEM. */
  readonly certificate: string
  readonly key: string
  readonly authority: string
  /** Validity of the certificate and of its authority, in milliseconds since 1970. */
  readonly from: number
  readonly to: number
}

/** The data of a Secret: base64 by key. */
export type SecretData = Readonly<Record<string, string>>

const PARTS = ['crt', 'key', 'ca'] as const
const KEY = /^(.+)\.(?:crt|key|ca)$/

/** Those in a Secret that are whole and certify all of these host names or IP addresses, the oldest first. */
export function readIdentities(data: SecretData, names: readonly string[]): readonly Identity[] {
  const ids = new Set(Object.keys(data).flatMap((key) => KEY.exec(key)?.[1] ?? []))
  return [...ids]
    .flatMap((id) => readIdentity(id, data, names) ?? [])
    .toSorted((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
}

export function writeIdentities(identities: readonly Identity[]): SecretData {
  return Object.fromEntries(
    identities.flatMap(({ id, certificate, key, authority }) => [
      [`${id}.crt`, toBase64(certificate)],
      [`${id}.key`, toBase64(key)],
      [`${id}.ca`, toBase64(authority)],
    ]),
  )
}

function readIdentity(id: string, data: SecretData, names: readonly string[]): Identity | undefined {
  const [certificate = '', key = '', authority = ''] = PARTS.map((part) =>
    Buffer.from(data[`${id}.${part}`] ?? '', 'base64').toString(),
  )
  try {
    const leaf = new X509Certificate(certificate)
    const ca = new X509Certificate(authority)
    const isWhole = leaf.checkPrivateKey(createPrivateKey(key)) && leaf.checkIssued(ca) && leaf.verify(ca.publicKey)
    const isNamed = names.every((name) => (leaf.checkHost(name) ?? leaf.checkIP(name)) !== undefined)
    if (!isWhole || !isNamed) return undefined
    const from = Math.max(leaf.validFromDate.getTime(), ca.validFromDate.getTime())
    const to = Math.min(leaf.validToDate.getTime(), ca.validToDate.getTime())
    return { id, certificate, key, authority, from, to }
  } catch {
    return undefined
  }
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}
