// Makes a serving identity: an authority that signs one certificate, whose key is then forgotten.

import { isIP } from 'node:net'
import type { Identity } from './identity.ts'
import type { RotationTiming } from './rotation.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** For these host names and IP addresses; valid from earlier than now, since clocks differ. RFC 5280. */
export async function mintIdentity(
  names: readonly string[],
  { lifetimeMs, skewMs }: Pick<RotationTiming, 'lifetimeMs' | 'skewMs'>,
  now: number,
): Promise<Identity> {
  // 23 MB, which a replica that never mints need not have.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const id = new Date(now).toISOString().replaceAll(':', '')
  // Certificates know whole seconds.
  const from = Math.floor((now - skewMs) / 1000) * 1000
  const to = from + skewMs + lifetimeMs
  const validity = { notBefore: new Date(from), notAfter: new Date(to), signingAlgorithm: ALGORITHM }
  const [signer, keys] = await Promise.all([generateKeys(), generateKeys()])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    // Of its own, so that verifiers never mistake one authority for another.
    name: `CN=sidetrack webhook authority ${id}`,
    keys: signer,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(signer.publicKey),
    ],
  })
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=sidetrack webhook',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  return {
    id,
    certificate: `${certificate.toString('pem')}\n`,
    key: x509.PemConverter.encode(key, 'PRIVATE KEY') + '\n',
    authority: `${authority.toString('pem')}\n`,
    from,
    to,
  }
}

function generateKeys() {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}
