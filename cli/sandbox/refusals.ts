// Why the API server did not take a new Sandbox, as far as it can be said better than the API server says it.

import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { SidetrackError } from '../../runtime/errors.ts'

export function refusalOf(error: unknown, namespace: string, name: string): unknown {
  if (!(error instanceof KubernetesError)) return error
  const cause = error
  if (error.reason === 'AlreadyExists')
    return new SidetrackError('ST4002', `namespace ${namespace} has a sandbox ${name} already`, { cause })
  if (error.message.includes('does not allow sandboxes'))
    return new SidetrackError('ST4006', `namespace ${namespace} does not allow sandboxes`, { cause })
  // A ValidatingAdmissionPolicy of ours: its own sentence is enough.
  const [, said] = /ValidatingAdmissionPolicy 'sidetrack-[^']*'.*? denied request: (.*)$/s.exec(error.message) ?? []
  if (said !== undefined) return new SidetrackError('ST3004', said, { cause })
  return error
}
