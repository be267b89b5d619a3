// Images by content: an OCI image layout with an index for each set of images, and every layer once, whoever shares it. A node is
// given only what it lacks (https://github.com/opencontainers/image-spec/blob/main/image-layout.md).

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { run } from './command.ts'
import type { Machine } from './machine.ts'

const BLOBS = 'blobs/sha256'
/** What nobody has asked for in so long is removed. */
const KEPT_MS = 2 * 24 * 3600_000
const TYPE = 'application/vnd.oci.image'

interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface Manifest {
  readonly config: Blob
  readonly layers: readonly Blob[]
}

interface Index {
  readonly schemaVersion: 2
  readonly manifests: readonly (Blob & { readonly annotations: Readonly<Record<string, string>> })[]
}

/** Moves the images of these docker-archives into the layout `folder`, as the set `name`. Answers the set's index, a file of the layout. */
export async function writeLayout(folder: string, name: string, archives: readonly string[]): Promise<string> {
  await mkdir(join(folder, BLOBS), { recursive: true })
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const manifests = []
  for (const archive of archives) manifests.push(await addArchive(folder, archive))
  const index: Index = { schemaVersion: 2, manifests }
  const file = join(folder, `${name}.json`)
  await writeFile(`${file}.new`, JSON.stringify(index))
  await rename(`${file}.new`, file)
  return file
}

/** Marks a set as used. False if it is not there, or not whole. */
export async function useLayout(index: string): Promise<boolean> {
  if (!existsSync(index)) return false
  const now = new Date()
  const files = [index, ...(await blobsOf(index)).map((digest) => join(dirname(index), BLOBS, digest))]
  const touched = await Promise.allSettled(files.map((file) => utimes(file, now, now)))
  return touched.every(({ status }) => status === 'fulfilled')
}

/** Removes what was not used for some days. */
export async function tidyLayout(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of files.filter((each) => each.isFile() && each.name !== 'oci-layout')) {
    const file = join(entry.parentPath, entry.name)
    const { mtimeMs } = await stat(file)
    if (Date.now() - mtimeMs > KEPT_MS) await rm(file)
  }
}

/** Imports a set of images on a machine. The layout is not below /run or /var, which a machine has of its own. */
export async function importLayout(machine: Machine, index: string): Promise<void> {
  const ctr = ['ctr', '--namespace=k8s.io']
  const there = new Set((await machine.run([...ctr, 'content', 'ls', '--quiet'])).split('\n'))
  const lacking = (await blobsOf(index)).filter((digest) => !there.has(`sha256:${digest}`))
  const members = ['oci-layout', basename(index), ...lacking.map((digest) => join(BLOBS, digest))]
  const script =
    'tar -c -C "$1" --transform="s/^$2$/index.json/" --files-from=- | ctr --namespace=k8s.io images import -'
  await machine.run(['sh', '-c', script, 'sh', dirname(index), basename(index)], `${members.join('\n')}\n`)
}

/** The digests of all that an index leads to, without `sha256:`. */
async function blobsOf(index: string): Promise<readonly string[]> {
  const { manifests }: Index = JSON.parse(await readFile(index, 'utf8'))
  const digests = new Set<string>()
  for (const { digest } of manifests) {
    const manifest: Manifest = JSON.parse(await readFile(join(dirname(index), BLOBS, hex(digest)), 'utf8'))
    for (const blob of [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)]) {
      digests.add(hex(blob))
    }
  }
  return [...digests]
}

async function addArchive(folder: string, archive: string): Promise<Index['manifests'][number]> {
  const draft = await mkdtemp(join(folder, 'draft-'))
  try {
    await run('tar', ['-x', '--touch', '-f', archive, '-C', draft]) // layers say 1970, and would be the first to be tidied away
    const [image]: { readonly Config: string; readonly RepoTags: readonly string[]; readonly Layers: string[] }[] =
      JSON.parse(await readFile(join(draft, 'manifest.json'), 'utf8'))
    if (image === undefined) throw new Error(`no image in ${archive}`)
    const config = await readFile(join(draft, image.Config), 'utf8')
    const { rootfs }: { readonly rootfs: { readonly diff_ids: readonly string[] } } = JSON.parse(config)
    const layers = []
    for (const [i, digest] of rootfs.diff_ids.entries()) {
      const layer = join(draft, image.Layers[i] ?? '')
      const { size } = await stat(layer)
      await rename(layer, join(folder, BLOBS, hex(digest)))
      layers.push({ mediaType: `${TYPE}.layer.v1.tar`, digest, size })
    }
    const manifest = {
      schemaVersion: 2,
      mediaType: `${TYPE}.manifest.v1+json`,
      config: await addText(folder, `${TYPE}.config.v1+json`, config),
      layers,
    }
    const blob = await addText(folder, manifest.mediaType, JSON.stringify(manifest))
    return { ...blob, annotations: { 'io.containerd.image.name': image.RepoTags[0] ?? '' } }
  } finally {
    await rm(draft, { recursive: true })
  }
}

async function addText(folder: string, mediaType: string, text: string): Promise<Blob> {
  const digest = createHash('sha256').update(text).digest('hex')
  await writeFile(join(folder, BLOBS, digest), text)
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) }
}

function hex(digest: string): string {
  return digest.slice('sha256:'.length)
}
