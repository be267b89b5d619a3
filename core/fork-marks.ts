// Labels and annotations by which the programs know what belongs to a sandbox.

/** Everything that a sandbox is made of, its pods too: the Sandbox, its name cut to a label's length (`labelValue`). */
export const SANDBOX_LABEL = 'sidetrack.dev/sandbox'

/** The fork and its pods: the baseline workload, cut likewise. */
export const FORK_OF_LABEL = 'sidetrack.dev/fork-of'

/** On a fork's Service and its EndpointSlices: the baseline Service that it stands for. */
export const SERVICE_LABEL = 'sidetrack.dev/service'

/** On a fork's pods: the routing key of requests that leave them without one. */
export const KEY_ANNOTATION = 'sidetrack.dev/key'

/** On a namespace: `enabled` allows sandboxes there. */
export const NAMESPACE_LABEL = 'sidetrack.dev/sandboxes'

/** In the environment of a fork's containers. */
export const SANDBOX_VARIABLE = 'SIDETRACK_SANDBOX'
export const KEY_VARIABLE = 'SIDETRACK_ROUTING_KEY'
