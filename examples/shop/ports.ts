// Looks whether the shop's ports are free.

import { createServer } from 'node:net'
import { HOST } from './plan.ts'
import { ShopError } from './shop-error.ts'

/** Looks before anything is started, so that a shop that cannot run leaves no trace of an attempt. */
export async function checkPorts(ports: ReadonlyMap<number, string>, offset: number): Promise<void> {
  const taken: string[] = []
  for (const [port, owner] of ports) {
    if (!(await isFree(port))) taken.push(`${HOST}:${port} (${owner})`)
  }
  const [first, ...more] = taken
  if (first === undefined) return
  const [what, it] = more.length === 0 ? ['is', 'it'] : [`and ${more.length} more of the shop's ports are`, 'them']
  throw new ShopError(
    `${first} ${what} taken: free ${it} (ss -ltnp names the owner), or set SHOP_PORT_OFFSET=${(offset + 10_000) % 50_000}`,
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, HOST, () => probe.close(() => resolve(true)))
  })
}
