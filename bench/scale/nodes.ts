// Nodes on paper: ready, with the pod of an agent.

import type { Client } from '../../kubernetes/client.ts'
import { NODES, PODS } from '../../kubernetes/resources/builtin.ts'
import { each } from '../controller/shops.ts'

const SYSTEM = 'sidetrack-system'

export const nodeName = (index: number): string => `node-${index}`

export async function makeNodes(client: Client, from: number, to: number): Promise<void> {
  await each(to - from, (offset) => makeNode(client, nodeName(from + offset)))
}

async function makeNode(client: Client, name: string): Promise<void> {
  await client.create(NODES, { metadata: { name } })
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }
  await client.applyStatus(NODES, { metadata: { name }, status: { conditions: [ready] } })
  const agent = { namespace: SYSTEM, name: `agent-${name}` }
  const labels = { 'app.kubernetes.io/name': 'sidetrack', 'app.kubernetes.io/component': 'agent' }
  const spec = { nodeName: name, containers: [{ name: 'agent', image: 'agent' }] }
  await client.create(PODS, { metadata: { ...agent, labels }, spec })
  await client.applyStatus(PODS, { metadata: agent, status: { phase: 'Running' } })
}
