// A default-deny policy for what leaves pods: as an object, and as rules on the nodes, since the network of the tests' cluster reads no policies.

import type { Test } from 'tap'
import { SYSTEM } from '../../cluster/installation.ts'
import type { Machine } from '../../cluster/machine.ts'
import { POD_RANGES } from '../../cluster/network.ts'
import type { Pod } from '../../../kubernetes/resources/builtin.ts'
import type { Cluster } from '../../cluster/cluster.ts'

const TABLE = 'inet sidetrack-test-egress'
const [PODS_4, PODS_6] = POD_RANGES.split(',')

/** Until the test ends, pods reach nothing but pods and DNS. Sidetrack's own pods are in another namespace: they may. */
export async function denyEgress(t: Test, { kubectl, machines }: Cluster, namespace: string): Promise<void> {
  await kubectl.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'egress', namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }] }, { ports: [{ port: 53, protocol: 'UDP' }] }],
    },
  })
  const { items } = await kubectl.get<{ items: readonly Pod[] }>(['pods', `--namespace=${SYSTEM}`])
  const free = items.map(({ status }) => status?.podIP ?? '').filter((address) => address.startsWith('10.88.'))
  const rules = `
    ip saddr { ${free.join(', ')} } accept
    th dport 53 accept
    ip saddr ${PODS_4} ip daddr != ${PODS_4} ct state new drop
    ip6 saddr ${PODS_6} ip6 daddr != ${PODS_6} ct state new drop`
  const chain = (hook: string) => `chain ${hook} { type filter hook ${hook} priority -10; policy accept; ${rules}\n}`
  await Promise.all(
    machines.map((machine) => nft(machine, `table ${TABLE} {\n${chain('forward')}\n${chain('input')}\n}`)),
  )
  t.teardown(() => Promise.all(machines.map((machine) => nft(machine, `delete table ${TABLE}`))))
}

async function nft(machine: Machine, rules: string): Promise<void> {
  await machine.run(['nft', '--file', '-'], rules)
}
