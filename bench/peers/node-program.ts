// Peers that are small Node programs of this folder, written the way their packages' documentation does.

import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Peer } from '../peer.ts'
import { startServer } from './server.ts'

/** `program` is a file beside this one, without its extension; `how` is its first argument. */
export function nodeProgram(name: string, program: string, how: string): Peer {
  const file = fileURLToPath(new URL(`./${program}${extname(import.meta.url)}`, import.meta.url))
  return {
    name,
    start: (site) => {
      const ports = [site.listen, site.baseline, site.fork].map(String)
      return startServer(site, process.execPath, [file, how, ...ports, site.keys.join(',')])
    },
  }
}
