// Every error that a person can meet has a code, one sentence and what to do next; docs/errors.md lists exactly these.

export interface ErrorKind {
  /** The HTTP status of the answer that carries it, where an answer does. */
  readonly status?: number
  readonly title: string
  readonly next: string
}

export const ERRORS = {
  ST1001: {
    status: 400,
    title: 'The request is not valid HTTP',
    next: 'Correct the client. Sidetrack forwards no request that two servers could read differently.',
  },
  ST1002: {
    status: 431,
    title: 'The request head is too large',
    next: 'Send fewer or smaller headers: at most 128 KiB and 1,000 lines.',
  },
  ST1003: {
    status: 505,
    title: 'The HTTP version is not supported',
    next: 'Use HTTP/1.1, or HTTP/2 with prior knowledge.',
  },
  ST1101: {
    status: 503,
    title: 'The fork that this request asks for is not ready',
    next: 'Wait until it is ready, or send the request without the routing key to reach the baseline.',
  },
  ST1102: {
    status: 503,
    title: 'The fork that this request asks for cannot be reached',
    next: 'See whether its process runs and listens; or send the request without the routing key to reach the baseline.',
  },
  ST1103: {
    status: 503,
    title: 'No live sandbox has the routing key that this request insists on',
    next: 'Create the sandbox, correct the key, or drop the `strict` property to reach the baseline.',
  },
  ST1104: {
    status: 502,
    title: 'The upstream answered with something that is not valid HTTP',
    next: 'Correct the upstream named in the detail.',
  },
  ST1105: {
    status: 503,
    title: 'The sidecar is at one of its limits',
    next: 'Retry later, or send less at once. Where the detail names a limit of the whole sidecar, SIDETRACK_MAX_CONNECTIONS and SIDETRACK_MAX_BUFFERED raise it.',
  },
  ST2001: {
    title: 'The configuration is not valid',
    next: 'Correct the settings listed; docs/configuration.md has them all.',
  },
  ST2002: {
    title: 'The file cannot be read',
    next: 'Check its path and its permissions.',
  },
  ST2003: {
    title: 'The routes file is not valid',
    next: 'Correct the places listed; the last good version stays in force meanwhile.',
  },
  ST2004: {
    title: 'An address cannot be listened on',
    next: 'Free it (`ss -ltnp` names its owner) or choose another one.',
  },
  ST2005: {
    title: 'The agent and a sidecar do not understand each other',
    next: 'Run both from the same version.',
  },
  ST2006: {
    title: 'A part of Sidetrack stopped unexpectedly',
    next: 'Its last log lines above say why.',
  },
  ST2007: {
    title: "The agent's state folder cannot be used",
    next: 'See that it exists, is writable and is the same for every agent of the node: the DaemonSet mounts /run/sidetrack of the host.',
  },
  ST2101: {
    title: 'The sidecar cannot keep its table on disk',
    next: 'See whether it may write to the folder SIDETRACK_CACHE. Without a kept table, one that restarts routes nothing until the agent is there.',
  },
  ST2102: {
    title: 'The calls of the sidecar itself are redirected to it',
    next: 'Run it as the user that the agent exempts from redirection, 1337 unless configured otherwise.',
  },
  ST3001: {
    title: 'The Kubernetes API server cannot be reached',
    next: 'Check that the cluster runs and that the context is the one you mean: `kubectl config current-context`, `kubectl version`.',
  },
  ST3002: {
    title: 'The Kubernetes API server and this client do not trust each other',
    next: 'Check the certificate authority, the server name and the client certificate of the context; a certificate may have expired.',
  },
  ST3003: {
    title: 'The Kubernetes API server does not accept the credentials',
    next: 'Log in to the cluster again; in a pod, check that its service account and token still exist.',
  },
  ST3004: {
    title: 'The right to do this in Kubernetes is missing',
    next: 'Ask for a Role with the verb and the resource that the message names (`kubectl auth can-i VERB RESOURCE -n NAMESPACE`).',
  },
  ST3005: {
    title: 'The object does not exist',
    next: 'Check its name and namespace.',
  },
  ST3006: {
    title: 'The object was changed or created by somebody else meanwhile',
    next: 'Look at it again, then repeat; a field that another manager owns must be left out or taken over.',
  },
  ST3007: {
    title: 'Kubernetes refuses the object',
    next: 'Correct the fields that the message names.',
  },
  ST3008: {
    title: 'The state that was asked for is too old to be had',
    next: 'Nothing: everything is listed again.',
  },
  ST3009: {
    title: 'The Kubernetes API server did not answer in time',
    next: 'Look whether it is overloaded or the network drops packets; the change may have been made.',
  },
  ST3010: {
    title: 'The Kubernetes API server is busy or has failed',
    next: 'Repeat later; if it stays so, look at the logs of the API server and of etcd.',
  },
  ST3011: {
    title: 'The cluster does not know this kind of object',
    next: 'Install Sidetrack (`sidetrack install --apply`), or whatever else brings the kind that the message names.',
  },
  ST3012: {
    title: 'The Kubernetes credentials cannot be read',
    next: 'Correct the kubeconfig (`kubectl config view`) or the file that the message names.',
  },
  ST3013: {
    title: 'What answered is not a Kubernetes API server',
    next: "Check the server's address in the context; a proxy or a login page may stand in between.",
  },
  ST4001: {
    title: 'What was typed cannot be meant',
    next: '`sidetrack help COMMAND` shows the arguments, with examples.',
  },
  ST4002: {
    title: 'There is a sandbox of this name already',
    next: 'Change it (`sidetrack apply NAME …`), look at it (`sidetrack get NAME`), or choose another name.',
  },
  ST4003: {
    title: 'The sandbox cannot become ready',
    next: 'Correct what the message names and say it again with `sidetrack apply NAME …`; `sidetrack get NAME` shows its state meanwhile.',
  },
  ST4004: {
    title: 'What was waited for did not come in time',
    next: 'It may still come: `sidetrack get NAME` shows what it waits for; --timeout gives it longer.',
  },
  ST4005: {
    title: 'A program that this command starts is missing',
    next: 'Install it, or put it on the PATH.',
  },
  ST4006: {
    title: 'The namespace does not allow sandboxes',
    next: 'Choose another one with -n, or allow them: `kubectl label namespace NAMESPACE sidetrack.dev/sandboxes=enabled`.',
  },
  ST4007: {
    title: 'Sidetrack is not installed in this cluster',
    next: 'Check the context, or install it: `sidetrack install --apply`.',
  },
  ST4008: {
    title: 'The workload is kept by somebody else',
    next: 'Change it where it is kept: beside that, it would be changed back.',
  },
  ST4009: {
    title: 'An address that was given does not answer',
    next: 'See that it is right and can be reached from here: `curl -v ADDRESS`.',
  },
  ST4010: {
    title: 'This command cannot change the installation that is there',
    next: 'Do what the message says; `sidetrack check` looks at what is installed.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

/** An error for a person: what happened, in `message`; why, in `cause`; what to do, from the table. */
export class SidetrackError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.name = 'SidetrackError'
    this.code = code
  }

  get next(): string {
    return ERRORS[this.code].next
  }
}

/** The lines for stderr; never a stack. */
export function explainError(error: unknown): string {
  if (error instanceof SidetrackError) return `sidetrack: ${error.message} (${error.code})\n  ${error.next}`
  return `sidetrack: ${error instanceof Error ? error.message : String(error)}`
}
