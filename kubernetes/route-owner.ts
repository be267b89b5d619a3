// Who wrote a Route: the controller, for a Sandbox or a RouteGroup, or somebody else. policies.yaml lets nobody but the controller name such an owner.

import type { ObjectMeta } from './resources/meta.ts'
import { ROUTES } from './resources/sidetrack.ts'

/** Written by hand, or by another program: whoever may write Routes may lead them anywhere, so that each is judged first. */
export function isForeign({ ownerReferences = [] }: Pick<ObjectMeta, 'ownerReferences'>): boolean {
  return !ownerReferences.some(({ apiVersion }) => apiVersion.startsWith(`${ROUTES.group}/`))
}
