// What one sandbox costs the controller does not depend on how many others there are.

import t from 'tap'
import { startCountedLink } from '../../../bench/controller/counted-link.ts'
import { DEPLOYMENTS, NAMESPACES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, SANDBOXES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
const WORKLOADS = ['cart', 'pay', 'stock']
const [FEW, MANY] = [4, 32]
/** One after the other, of each kind. */
const CHANGES = 4
const AT_ONCE = 4

const workload = (index: number) => WORKLOADS[index % WORKLOADS.length] ?? ''

const spec = (index: number, image: string) => {
  const name = workload(index)
  return { forks: [{ of: { kind: 'Deployment' as const, name }, images: [{ container: name, image }] }] }
}

interface Cost {
  /** Writes that etcd took, but for those of the test. */
  readonly writes: number
  /** To and from the API server. */
  readonly bytes: number
  /** Sandboxes, tables and the like that were looked at. */
  readonly looks: number
}

t.test('one sandbox among many', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client } = cluster
  await cluster.namespace(NAMESPACE)
  for (const name of WORKLOADS) await cluster.workload(NAMESPACE, name)
  const link = await startCountedLink(new URL(cluster.server.url))
  t.teardown(() => link.close())
  const replica = await lead(t, cluster, undefined, `https://127.0.0.1:${link.port}`)

  const ready = (index: number) => cluster.condition(NAMESPACE, `pr-${index}`, 'Ready', { status: 'True' })
  const make = async (index: number) => {
    await cluster.sandbox(NAMESPACE, `pr-${index}`, spec(index, 'app:1'))
    await cluster.run(NAMESPACE, `${workload(index)}--pr-${index}`)
    await ready(index)
  }
  const fill = async (from: number, to: number) => {
    let next = from
    const some = async () => {
      while (next < to) await make(next++)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, some))
    await replica.idle()
  }
  const version = async () => Number((await client.list(NAMESPACES)).resourceVersion)
  const costOf = async (first: number, act: (index: number) => Promise<void>, own: number): Promise<Cost> => {
    await replica.idle()
    const [writes, bytes, looks] = [await version(), link.sent() + link.received(), replica.looks()]
    for (let index = first; index < first + CHANGES; index++) await act(index)
    await replica.idle()
    return {
      writes: (await version()) - writes - own * CHANGES,
      bytes: link.sent() + link.received() - bytes,
      looks: replica.looks() - looks,
    }
  }
  /** Nobody takes pods away: the numbers are used once. */
  const costs = async (first: number) => ({
    created: await costOf(first, make, 5),
    changed: await costOf(
      first,
      async (index) => {
        await client.patch(SANDBOXES, { namespace: NAMESPACE, name: `pr-${index}` }, { spec: spec(index, 'app:2') })
        const fork = `${workload(index)}--pr-${index}`
        const generation = async () =>
          (await client.get(DEPLOYMENTS, { namespace: NAMESPACE, name: fork })).metadata.generation
        await until(async () => (await generation()) !== 1)
      },
      1,
    ),
    deleted: await costOf(
      first,
      async (index) => {
        await client.delete(SANDBOXES, { namespace: NAMESPACE, name: `pr-${index}` })
        await cluster.gone(ROUTES, NAMESPACE, `${workload(index)}.80.sandbox.pr-${index}`)
      },
      1,
    ),
  })

  await fill(0, FEW)
  const few = await costs(1000)
  await fill(FEW, MANY)
  const many = await costs(2000)
  for (const what of ['created', 'changed', 'deleted'] as const) {
    t.comment(`${what}: ${JSON.stringify(few[what])} among ${FEW}, ${JSON.stringify(many[what])} among ${MANY}`)
    for (const unit of ['writes', 'bytes', 'looks'] as const) {
      const [before, after] = [few[what][unit], many[what][unit]]
      t.ok(after <= 1.5 * before, `${what}: ${unit} ${after} among ${MANY}, ${before} among ${FEW}`)
    }
  }
})
