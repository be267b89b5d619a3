// Lets one process at a time do something: the name of an abstract socket is the lock, and a process that dies has let go of it.

import net from 'node:net'

const LOOK_MS = 100

/** Runs `work` while no other process of this machine runs work of the same name. */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  let lock = await tryLock(name)
  while (lock === undefined) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    lock = await tryLock(name)
  }
  try {
    return await work()
  } finally {
    lock.close()
  }
}

async function tryLock(name: string): Promise<net.Server | undefined> {
  const server = net.createServer((socket) => socket.destroy())
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(`\0sidetrack-mutex-${name}`, () => resolve(server))
  })
}
