// Annotations and labels by which people ask for something and programs leave word: the same names in agent, controller and cli.

/** On a pod template: `"true"` opts in. */
export const INJECT = 'sidetrack.dev/inject'

/** On a pod template: `"true"` takes the calls that arrive for the workload to its sidecar too. */
export const INBOUND = 'sidetrack.dev/inbound'

/** On a pod template: `endpoints` takes calls of pods' own addresses to the sidecar too, not only those of Services. */
export const INTERCEPT = 'sidetrack.dev/intercept'

/** On a pod: the version of the webhook that gave it its sidecar. */
export const INJECTED = 'sidetrack.dev/injected'

/** On a pod that asked for a sidecar and did not get one: why not, for people. */
export const REFUSED = 'sidetrack.dev/not-injected'

/** The name of the sidecar's container and of its volume in the pod. */
export const SIDECAR_NAME = 'sidetrack'
