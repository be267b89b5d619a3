// The project's folder: the harness runs from dist/, but scripts and configurations of the load lie beside the sources.

import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'

export function fromRoot(...parts: readonly string[]): string {
  const found = findPackageJSON('.', import.meta.url)
  if (found === undefined) throw new Error('bench: no package.json above this file')
  return join(dirname(found), ...parts)
}
