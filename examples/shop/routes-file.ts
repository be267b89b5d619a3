// The routes file in force: the one that was given, or a copy of it with other ports.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shiftPorts } from './plan.ts'
import { ShopError } from './shop-error.ts'

export interface RoutesFile {
  readonly path: string
  /** Removes the copy, if it is one. */
  remove(): Promise<void>
}

export async function routesFile(path: string, offset: number): Promise<RoutesFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new ShopError(`the routes file cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (offset === 0) return { path, remove: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const copy = join(folder, 'shop.yaml')
  await writeFile(copy, shiftPorts(text, offset))
  return { path: copy, remove: () => rm(folder, { recursive: true, force: true }) }
}
