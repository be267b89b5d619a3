// Opts workloads in or out.

import { type ClusterOptions, connect } from '../connect.ts'
import type { Session } from '../session.ts'
import type { OptIn } from './annotations.ts'
import { changeOf } from './change.ts'
import { parseWorkloadName } from './workload.ts'

export type OptInOptions = ClusterOptions & OptIn

/** All of them are looked at before the first one is changed. */
export async function optIn(
  names: readonly string[],
  enable: boolean,
  options: OptInOptions,
  { signal, stdout }: Session,
): Promise<void> {
  const wanted = names.map((name) => ({ text: name, ...parseWorkloadName(name) }))
  const { client, namespace } = await connect(options)
  const found = await Promise.all(
    wanted.map(async ({ text, resource, name }) => {
      const annotations = changeOf(await client.get(resource, { namespace, name }, signal), enable, options)
      return { text, resource, name, annotations }
    }),
  )
  for (const { text, resource, name, annotations } of found) {
    if (annotations === undefined) {
      stdout.write(`${text} is ${enable ? 'enabled' : 'disabled'} already\n`)
      continue
    }
    await client.patch(resource, { namespace, name }, { spec: { template: { metadata: { annotations } } } }, signal)
    const pods = enable ? 'its new pods get a sidecar' : 'its new pods get none'
    stdout.write(
      `${text} ${enable ? 'enabled' : 'disabled'}; ${pods}: kubectl -n ${namespace} rollout status ${text}\n`,
    )
  }
}
