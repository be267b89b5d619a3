// The programs of a cluster, built from the Go module in programs/ into a cache: minutes the first time, then found by content.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, symlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from './command.ts'
import { packFolder } from './image.ts'

const MODULE = join(import.meta.dirname, 'programs')
const SOURCES = ['go.mod', 'go.sum', 'main.go', 'pause/main.go']
const NAMES = [
  'coredns',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
]

export const PAUSE_IMAGE = 'localhost/pause:1'

/** Where everything is kept that is costly to make and the same for every cluster. */
export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sidetrack')

export interface Programs {
  /** Holds every program under its own name. */
  readonly folder: string
  /** A docker-archive of the image that holds a pod's namespaces open. */
  readonly pauseImage: string
}

/** Where they are or will be: another version, another folder. */
export function programsFolder(): string {
  const hash = createHash('sha256')
  for (const source of SOURCES) hash.update(readFileSync(join(MODULE, source)))
  return join(CACHE, `kubernetes-${kubernetesVersion()}-${hash.digest('hex').slice(0, 12)}`)
}

export function programsAreBuilt(): boolean {
  return existsSync(programsFolder())
}

/** Builds what is missing. Several processes may do so at once: the first to end wins. */
export async function buildPrograms(signal?: AbortSignal): Promise<Programs> {
  const folder = programsFolder()
  if (!existsSync(folder)) await build(folder, signal)
  return { folder, pauseImage: join(folder, 'pause.tar') }
}

async function build(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const draft = `${folder}.${process.pid}`
  await mkdir(join(draft, 'pause'), { recursive: true })
  await goBuild('.', join(draft, 'cluster'), signal)
  await Promise.all(NAMES.map((name) => symlink('cluster', join(draft, name))))
  await goBuild('./pause', join(draft, 'pause/pause'), signal)
  await packFolder(join(draft, 'pause'), { name: PAUSE_IMAGE, entrypoint: ['/pause'] }, join(draft, 'pause.tar'))
  await rename(draft, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error
  })
}

async function goBuild(program: string, output: string, signal: AbortSignal | undefined): Promise<void> {
  const version = kubernetesVersion()
  const [major, minor] = version.slice(1).split('.')
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor }
  const flags = Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  await run(
    'go',
    ['build', '-trimpath', '-buildvcs=false', `-ldflags=-s -w ${flags.join(' ')}`, '-o', output, program],
    {
      cwd: MODULE,
      env: { ...process.env, CGO_ENABLED: '0' },
      ...(signal === undefined ? {} : { signal }),
    },
  )
}

function kubernetesVersion(): string {
  const version = /^\tk8s\.io\/kubernetes (v\S+)$/m.exec(readFileSync(join(MODULE, 'go.mod'), 'utf8'))?.[1]
  if (version === undefined) throw new Error('programs/go.mod does not say which version of k8s.io/kubernetes')
  return version
}
