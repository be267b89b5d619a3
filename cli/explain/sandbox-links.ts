// From the namespace to the routes of a Sandbox: what its controller makes of it.

import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { conditionOf, fullName, routingKeyOf } from '../sandbox/status.ts'
import { type Link, broken, holds, unseen, warned } from './link.ts'
import { unroutedLinks } from './unrouted-links.ts'
import type { World } from './world.ts'

export function sandboxLinks(world: World): readonly Link[] {
  return [
    namespaceLink(world),
    controllerLink(world),
    sandboxLink(world.sandbox),
    conflictLink(world.sandbox),
    forksLink(world.sandbox),
    ...serviceLinks(world),
    ...unroutedLinks(world),
    ...warningLinks(world.sandbox),
  ]
}

function namespaceLink({ namespace, sandbox }: World): Link {
  const name = sandbox.metadata.namespace ?? ''
  if (namespace === undefined) return unseen(`namespace ${name}`)
  if (namespace?.metadata.labels?.[NAMESPACE_LABEL] === 'enabled') return holds(`namespace ${name} allows sandboxes`)
  return broken(
    `namespace ${name} does not allow sandboxes`,
    `kubectl label namespace ${name} ${NAMESPACE_LABEL}=enabled`,
  )
}

export function controllerLink({ controller }: Pick<World, 'controller'>): Link {
  if (controller === undefined) return unseen('the controller')
  if (controller === null) return broken('there is no controller in the cluster', 'sidetrack install --apply')
  const available = controller.status?.availableReplicas ?? 0
  if (controller.spec?.replicas === 0)
    return broken(
      'the controller is scaled to 0, so nothing that changes is seen to',
      'kubectl -n sidetrack-system scale deploy/sidetrack-controller --replicas=2',
    )
  if (available > 0) return holds(`the controller runs (${available} of ${controller.spec?.replicas ?? 1})`)
  return broken(
    'no replica of the controller is available',
    'kubectl -n sidetrack-system describe pods; kubectl -n sidetrack-system logs deploy/sidetrack-controller',
  )
}

const MENDS: Readonly<Record<string, string>> = {
  Invalid: 'correct the field that is named: kubectl edit sandbox',
  BaselineMissing: 'create the baseline, or correct the name in spec.forks',
  NamespaceNotEnabled: `kubectl label namespace NAMESPACE ${NAMESPACE_LABEL}=enabled`,
  TooManySandboxes: 'delete a sandbox that is not needed: sidetrack list',
  ImageNotPulled: 'push the image, correct its name, or give the pods a pull secret',
  Crashing: 'read the last lines of its log above; kubectl logs --previous has all of them',
  ContainerNotStarted: 'create what the container needs: a ConfigMap, a Secret, a volume',
  Unschedulable: 'make room on a node, or ask for less in spec.forks[].patch',
  QuotaExceeded: 'raise the quota, or delete a sandbox that is not needed',
  Forbidden: "make the fork's pods fit the namespace's Pod Security level",
  ProbeFails: 'look why its readiness probe fails: kubectl describe pod',
}

function sandboxLink(sandbox: Sandbox): Link {
  const { metadata } = sandbox
  const name = fullName(sandbox)
  if (metadata.deletionTimestamp !== undefined)
    return broken(`sandbox ${name} is being deleted`, 'wait, and create it again if you need it')
  const available = conditionOf(sandbox, 'ForksAvailable')
  if (available === undefined)
    return broken(
      `the controller has not looked at sandbox ${name} since its last change`,
      'kubectl -n sidetrack-system logs deploy/sidetrack-controller',
    )
  const refused = ['Invalid', 'BaselineMissing', 'NamespaceNotEnabled', 'TooManySandboxes']
  if (refused.includes(available.reason)) return failed(`sandbox ${name} cannot be made`, available)
  return holds(`sandbox ${name} is taken up, its key is ${routingKeyOf(sandbox)}`)
}

function conflictLink(sandbox: Sandbox): Link {
  const conflict = conditionOf(sandbox, 'Conflict')
  if (conflict?.status !== 'True') return holds('nobody else has its key for its Services')
  return broken('an older sandbox has its key', 'choose another key (--key), or delete the older one', lines(conflict))
}

function forksLink(sandbox: Sandbox): Link {
  const available = conditionOf(sandbox, 'ForksAvailable')
  if (available?.status === 'True') return holds('its forks are ready')
  if (available === undefined) return broken('its forks are not known', 'see above')
  return failed('its forks are not ready', available)
}

function serviceLinks(world: World): readonly Link[] {
  const { sandbox, tables, routes } = world
  const services = [...new Set((sandbox.status?.services ?? []).map(({ name }) => name))]
  if (services.length === 0) {
    const mend = 'a fork gets requests by the Services that select its baseline: kubectl get services -o wide'
    return [warned('no Service belongs to its forks, so no request is routed to them', mend)]
  }
  if (tables === undefined || routes === undefined) return [unseen('routing tables and routes')]
  const key = routingKeyOf(sandbox)
  return services.map((service) => {
    const table = tables.find(({ spec }) => spec.service === service)
    if (table === undefined) return tablelessLink(service, world.services)
    const own = routes.filter(
      ({ spec }) => spec.table === table.metadata.name && spec.sandbox === sandbox.metadata.name,
    )
    if (own.length === 0)
      return broken(
        `Service ${service} has no route for key ${key}`,
        'kubectl -n sidetrack-system logs deploy/sidetrack-controller',
      )
    return routeLink(service, key, own)
  })
}

function tablelessLink(name: string, services: World['services']): Link {
  const ports = services?.find(({ metadata }) => metadata.name === name)?.spec?.ports ?? []
  const declared = ports.map(
    ({ port, name: portName, appProtocol }) => `port ${port}: ${appProtocol ?? portName ?? ''}`,
  )
  if (ports.length > 0)
    return broken(
      `Service ${name} has no port that may be plain HTTP, so calls to it are not routed`,
      'what an app encrypts itself cannot be routed by its key: have callers inside the cluster use a plain port',
      declared,
    )
  return broken(
    `Service ${name} has no routing table`,
    'it needs a selector and a cluster address or endpoints: ExternalName Services are not routed',
  )
}

function routeLink(service: string, key: string, routes: readonly Route[]): Link {
  const refused = routes.flatMap(({ status }) =>
    (status?.conditions ?? []).filter(({ type, status: is }) => type === 'Accepted' && is === 'False'),
  )
  const [first] = refused
  if (first !== undefined)
    return broken(
      `the route of Service ${service} is refused`,
      'a route leads to ready pods of its own fork only',
      lines(first),
    )
  const unready = routes.filter(({ spec }) => spec.ready === false)
  if (unready.length > 0)
    return broken(
      `the route of Service ${service} waits for its fork`,
      `see its forks above; or, where its reason is the port: kubectl edit service ${service}`,
      unready.map(({ spec }) => spec.reason ?? '').filter((reason) => reason !== ''),
    )
  const addresses = [...new Set(routes.flatMap(({ spec }) => spec.addresses ?? []))]
  return holds(`Service ${service}: key ${key} → ${addresses.join(', ')}`)
}

function warningLinks(sandbox: Sandbox): readonly Link[] {
  const condition = conditionOf(sandbox, 'Warned')
  if (condition?.status !== 'True') return []
  return [
    warned(
      'the fork may behave otherwise than its baseline',
      'see whether it matters for what you test',
      lines(condition),
    ),
  ]
}

function failed(text: string, { reason, message }: Condition): Link {
  return broken(
    `${text}: ${reason}`,
    MENDS[reason] ?? 'sidetrack get NAME; kubectl describe sandbox NAME',
    message.split('\n'),
  )
}

function lines({ message }: Condition): readonly string[] {
  return message === '' ? [] : message.split('\n')
}
