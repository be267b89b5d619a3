// The names by which the parts of an installation are found in a cluster.

export const SYSTEM_NAMESPACE = 'sidetrack-system'
export const CONTROLLER = { namespace: SYSTEM_NAMESPACE, name: 'sidetrack-controller' } as const
export const AGENT = { namespace: SYSTEM_NAMESPACE, name: 'sidetrack-agent' } as const
/** The MutatingWebhookConfiguration. */
export const WEBHOOK = { name: 'sidetrack' } as const
/** Where the controller keeps the webhook's certificates. */
export const WEBHOOK_SECRET = { namespace: SYSTEM_NAMESPACE, name: 'sidetrack-webhook' } as const
/** Selects the agents' pods. */
export const AGENT_PODS = 'app.kubernetes.io/name=sidetrack,app.kubernetes.io/component=agent'
