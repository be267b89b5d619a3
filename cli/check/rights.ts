// The rights that somebody needs to install Sidetrack, or to use it in a namespace.

import { resourceName } from '../../kubernetes/resource.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { resourceOf } from '../install/kinds.ts'

/** As an access review asks for it. */
export interface Right {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace?: string | undefined
}

/** To apply these objects: each resource once. */
export function rightsToInstall(objects: readonly KubernetesObject[]): readonly Right[] {
  const rights = new Map<string, Right>()
  for (const object of objects) {
    const { group, plural } = resourceOf(object)
    for (const verb of ['get', 'create', 'patch']) {
      const right = { verb, group, resource: plural, namespace: object.metadata.namespace }
      rights.set(rightText(right), right)
    }
  }
  return [...rights.values()]
}

export function rightsToUse(namespace: string): readonly Right[] {
  const own = ['create', 'get', 'list', 'watch', 'delete'].map((verb) => ({
    verb,
    group: 'sidetrack.dev',
    resource: 'sandboxes',
    namespace,
  }))
  return [...own, { verb: 'create', group: 'apps', resource: 'deployments', namespace }]
}

export function rightText({ verb, group, resource, namespace }: Right): string {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`
  return `${verb} ${resourceName({ group, plural: resource })}${where}`
}
