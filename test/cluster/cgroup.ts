// A control group for a node's pods, so that the kubelets of several nodes on one host keep out of each other's: cgroups 1 and 2.

import { existsSync } from 'node:fs'
import { mkdir, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'

/** Creates it in every hierarchy. */
export async function createCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await mkdir(join(hierarchy, name), { recursive: true })
}

/** Removes those whose names begin so, with what is below them. A process that still ends keeps its own; that throws EBUSY. */
export async function removeCgroups(prefix: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const names = (await readdir(hierarchy)).filter((name) => name.startsWith(prefix))
    for (const name of names) await removeTree(join(hierarchy, name))
  }
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  await rmdir(folder)
}

/** One for cgroups 2; one per controller for cgroups 1. */
async function hierarchies(): Promise<readonly string[]> {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT]
  const names = await readdir(ROOT)
  return names.map((name) => join(ROOT, name)).filter((folder) => existsSync(join(folder, 'cgroup.procs')))
}
