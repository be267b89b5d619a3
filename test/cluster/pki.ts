// The certificates and keys of a cluster, all from one authority, good for a month.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './command.ts'

const DAYS = '30'
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** Who a certificate is for. */
export interface Subject {
  readonly user: string
  readonly group?: string
  /** Subject alternative names as openssl writes them, `IP:127.0.0.1`, `DNS:localhost`. */
  readonly names?: readonly string[]
}

/** Files in one folder. */
export class Pki {
  readonly authority: KeyPair
  /** The private key that service account tokens are signed with. */
  readonly tokenKey: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.authority = this.#pair('ca')
    this.tokenKey = join(folder, 'token.key')
  }

  static async create(folder: string): Promise<Pki> {
    await mkdir(folder, { recursive: true })
    const pki = new Pki(folder)
    const { certificate, key } = pki.authority
    await Promise.all([
      run('openssl', [
        'req',
        '-x509',
        ...KEY,
        '-keyout',
        key,
        '-out',
        certificate,
        '-subj',
        '/CN=cluster',
        '-days',
        DAYS,
      ]),
      run('openssl', ['ecparam', '-genkey', '-noout', '-name', 'prime256v1', '-out', pki.tokenKey]),
    ])
    return pki
  }

  /** A certificate that servers and clients accept, in NAME.crt and NAME.key. */
  async issue(name: string, subject: Subject): Promise<KeyPair> {
    const pair = this.#pair(name)
    const request = join(this.#folder, `${name}.csr`)
    const extensions = join(this.#folder, `${name}.ext`)
    const alternatives = subject.names ?? []
    const extra = alternatives.length === 0 ? '' : `subjectAltName=${alternatives.join(',')}\n`
    await writeFile(extensions, `extendedKeyUsage=serverAuth,clientAuth\n${extra}`)
    const distinguished = `${subject.group === undefined ? '' : `/O=${subject.group}`}/CN=${subject.user}`
    await run('openssl', ['req', ...KEY, '-keyout', pair.key, '-out', request, '-subj', distinguished])
    const signer = ['-CA', this.authority.certificate, '-CAkey', this.authority.key, '-days', DAYS]
    await run('openssl', ['x509', '-req', '-in', request, ...signer, '-extfile', extensions, '-out', pair.certificate])
    return pair
  }

  #pair(name: string): KeyPair {
    return { certificate: join(this.#folder, `${name}.crt`), key: join(this.#folder, `${name}.key`) }
  }
}
