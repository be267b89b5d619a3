// Runs nft in pods' network namespaces: few at a time, each program one transaction.

import { Gate } from './gate.ts'
import type { NetworkNamespace } from './network-namespace.ts'
import { NFT_TABLE } from './nft-program.ts'
import { type NftTable, NO_TABLE, readNftTable } from './nft-table.ts'
import { type Outcome, runIn } from './run.ts'

/** More at once would only take turns on the CPUs that the node's pods need. */
const AT_ONCE = 4

/** What the kernel says where IPv6 is switched off, or not there at all. */
const NO_IPV6 = /IPv6 is disabled|Address family not supported|Operation not supported/

export class NftRunner {
  readonly #gate = new Gate(AT_ONCE)
  #failures = 0

  /** How often a program could not be run, or was refused by the kernel. */
  get failures(): number {
    return this.#failures
  }

  /** Puts a program in force, all of it or nothing. Throws with nft's own words. */
  async apply(namespace: NetworkNamespace, program: string): Promise<void> {
    const { code, stderr } = await this.#run(namespace, 'nft', ['-f', '-'], program)
    if (code !== 0) throw this.#failed(`nft: ${firstLine(stderr, code)}`)
  }

  /** What is in force; an empty table if there is none. */
  async read(namespace: NetworkNamespace): Promise<NftTable> {
    const { code, stdout, stderr } = await this.#run(namespace, 'nft', ['-j', 'list', 'table', 'inet', NFT_TABLE])
    if (code === 0) return readNftTable(stdout)
    if (stderr.includes('No such file or directory')) return NO_TABLE
    throw this.#failed(`nft: ${firstLine(stderr, code)}`)
  }

  /** Leads the local addresses of IPv6 to `lo`. False if the namespace has no IPv6. Throws with ip's own words. */
  async routeLocal6(namespace: NetworkNamespace, prefix: string): Promise<boolean> {
    const { code, stderr } = await this.#run(namespace, 'ip', ['-6', 'route', 'replace', 'local', prefix, 'dev', 'lo'])
    if (code === 0) return true
    if (NO_IPV6.test(stderr)) return false
    throw this.#failed(`ip: ${firstLine(stderr, code)}`)
  }

  async #run(namespace: NetworkNamespace, command: string, args: readonly string[], input?: string): Promise<Outcome> {
    return this.#gate
      .pass(() => runIn(namespace, command, args, input))
      .catch((error: unknown) => {
        this.#failures++
        throw error
      })
  }

  #failed(why: string): Error {
    this.#failures++
    return new Error(why)
  }
}

function firstLine(stderr: string, code: number | null): string {
  return stderr.split('\n', 1)[0]?.trim() || `ended with ${code}`
}
