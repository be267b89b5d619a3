// Helm, built from the Go module in helm/ into the cache of the tests: minutes the first time.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from './command.ts'
import { CACHE } from './programs.ts'
import { noGo } from './requirements.ts'

const MODULE = join(import.meta.dirname, 'helm')
const PACKAGE = 'helm.sh/helm/v4/cmd/helm'

/** False if `buildHelm` works here, else why not, as `skip` of a test. */
export function noHelm(): string | false {
  return existsSync(program()) ? false : noGo()
}

/** Where it is. Several processes may build it at once: the first to end wins. */
export async function buildHelm(): Promise<string> {
  const built = program()
  if (existsSync(built)) return built
  const draft = `${built}.${process.pid}`
  await mkdir(dirname(built), { recursive: true })
  const env = { ...process.env, CGO_ENABLED: '0' }
  await run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', draft, PACKAGE], {
    cwd: MODULE,
    env,
  })
  await rename(draft, built)
  return built
}

/** Another version, another file. */
function program(): string {
  const hash = createHash('sha256')
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(join(MODULE, name)))
  return join(CACHE, `helm-${hash.digest('hex').slice(0, 12)}`)
}
