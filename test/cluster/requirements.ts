// What a machine needs for a cluster; tests skip with what it lacks.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { programsAreBuilt } from './programs.ts'

const API_SERVER = { openssl: 'openssl', setpriv: 'util-linux', tar: 'tar' }
const CLUSTER = {
  ...API_SERVER,
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
}
const GO = { go: 'golang' }
const IMAGES = { buildah: 'buildah', debootstrap: 'debootstrap' }

/** False if `startApiServer` works here, else why not, as `skip` of a test. */
export function noApiServer(): string | false {
  if (process.platform !== 'linux') return 'a cluster needs Linux'
  return lack({ ...API_SERVER, ...(programsAreBuilt() ? {} : GO) })
}

/** False if `useCluster` works here, else why not. A cluster of the caller's own needs nothing. */
export function noCluster(): string | false {
  if (process.env['KUBECONFIG'] !== undefined) return lack({ kubectl: 'kubectl' })
  if (process.getuid?.() !== 0) return 'a cluster of its own needs root; KUBECONFIG may name another one'
  return noApiServer() || lack(CLUSTER)
}

/** False if `buildImages` works here, else why not. */
export function noImages(): string | false {
  return process.getuid?.() === 0 ? lack(IMAGES) : 'building images needs root'
}

/** False if programs and files of Go modules can be had here, else why not. */
export function noGo(): string | false {
  return lack(GO)
}

function lack(programs: Readonly<Record<string, string>>): string | false {
  const missing = Object.entries(programs).filter(([program]) => !isInstalled(program))
  if (missing.length === 0) return false
  const packages = new Set(missing.map(([, name]) => name))
  return `not installed: ${missing.map(([program]) => program).join(', ')} (packages ${[...packages].join(' ')})`
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
