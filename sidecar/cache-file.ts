// One file that is written from its beginning to its end. Not synchronously: a slow disk must not stop the requests.

import { closeSync, open, rename, write } from 'node:fs'
import { promisify } from 'node:util'

// node:fs/promises would cost 1.2 MB.
const openFile = promisify(open)
const renameFile = promisify(rename)
const writeFile = promisify(write)

export class CacheFile {
  readonly #path: string
  readonly #fd: number
  /** Bytes written. */
  size = 0

  private constructor(path: string, fd: number) {
    this.#path = path
    this.#fd = fd
  }

  static async create(path: string): Promise<CacheFile> {
    return new CacheFile(path, await openFile(path, 'w', 0o600))
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await writeFile(this.#fd, bytes, done)
      done += bytesWritten
      this.size += bytesWritten
    }
  }

  rename(to: string): Promise<void> {
    return renameFile(this.#path, to)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
