// What a reflector over many objects holds in memory.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'tap'
import { apiVersion } from '../../kubernetes/resource.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { installRoutes, route } from '../fixtures/kubernetes/api-client.ts'
import type { Held } from '../fixtures/kubernetes/heap-program.ts'
import { mountServiceAccount } from '../fixtures/kubernetes/service-account.ts'

const PROGRAM = path.join(import.meta.dirname, '../fixtures/kubernetes/heap-program.ts')
const ROUTE = { apiVersion: apiVersion(ROUTES), kind: ROUTES.kind }
const OBJECTS = 10_000
/** Of each, for no use but to be seen where it should not be. */
const BALLAST = 2000

test('of 10,000 objects a reflector holds what its transform leaves', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  await installRoutes(server)
  const account = await mountServiceAccount(t, server, 'account')
  const ballast = 'x'.repeat(BALLAST)
  const objects = Array.from({ length: OBJECTS }, (_, count) => {
    const { metadata, spec } = route('default', `r-${count}`, '')
    return { ...ROUTE, metadata: { ...metadata, annotations: { ballast } }, spec }
  })
  await server.seed(ROUTES, objects)

  const measure = async (what: 'small' | 'whole') => {
    const child = fork(PROGRAM, [account.directory, server.url, what], { execArgv: ['--expose-gc'] })
    const [held] = (await once(child, 'message')) as [Held]
    await once(child, 'exit')
    t.equal(held.objects, OBJECTS)
    t.comment(
      `${what}: ${Math.round(held.bytes / OBJECTS)} bytes each, at most ${(held.most / 2 ** 20).toFixed(1)} MiB`,
    )
    return held
  }
  const [whole, small] = [await measure('whole'), await measure('small')]
  t.ok(whole.bytes > OBJECTS * BALLAST, 'the ballast would be seen')
  t.ok(small.bytes < OBJECTS * 1000, 'the raw list is gone')
  t.ok(small.most < whole.bytes / 2, 'nor was all of it there at once')
})
