// The names by which the parts of an installation are found in a cluster.

export const SYSTEM_NAMESPACE = 'sidetrack-system'
export const CONTROLLER = { namespace: SYSTEM_NAMESPACE, name: 'sidetrack-controller' } as const
export const AGENT = { namespace: SYSTEM_NAMESPACE, name: 'sidetrack-agent' } as const
/** The MutatingWebhookConfiguration. */
export const WEBHOOK = { name: 'sidetrack' } as const
