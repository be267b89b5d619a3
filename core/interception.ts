// Where intercepted calls arrive inside a pod: ports, local addresses, and what the agent and the sidecar agree on about them.

/** The sidecar takes redirected calls here, on every local address that stands for a destination. */
export const INTERCEPT_PORT = 15_001

/** The agent listens here inside the pod's network namespace, on the loopback address. */
export const AGENT_PORT = 15_010

/** One port for each port of the workload's own container that is intercepted inbound, counted up from here. */
export const FIRST_INBOUND_PORT = 15_100
export const INBOUND_PORTS = 32

/** The sidecar's user, exempt from redirection; another one where the platform gives a range. */
export const SIDECAR_UID = 1337

/** A datagram goes here every `BEAT_MS` while the sidecar's event loop turns. It refreshes the redirect and goes nowhere. */
export const BEAT_ADDRESS = '127.127.255.255'
export const BEAT_PORT = 9
export const BEAT_MS = 1000
/** Without a beat for so long, the kernel redirects nothing. */
export const BEAT_TIMEOUT_MS = 3000

/** An emptyDir of the pod, mounted here in the sidecar's container alone: its table outlives its process. */
export const SIDECAR_FOLDER = '/var/run/sidetrack'
/** More than the sidecar ever keeps there; the kubelet evicts a pod whose emptyDir has outgrown its limit. */
export const SIDECAR_FOLDER_LIMIT = '64Mi'

/** Stands in the sidecar's folder while the agent says that the redirects are in force. */
export const REDIRECTED_FILE = 'redirected'

/**
 * The sidecar container's postStart hook: holds the app back until its calls are redirected, at most 3 s, and always ends well, since
 * a hook that fails restarts the container. A shell, since a second Node would cost 45 MB and 40 ms.
 */
export const WAIT_COMMAND: readonly string[] = [
  '/bin/sh',
  '-c',
  `timeout 2.9 sh -c 'until test -e ${SIDECAR_FOLDER}/${REDIRECTED_FILE}; do sleep 0.05; done'; exit 0`,
]

/**
 * Local addresses stand for destinations by number, 1 to 4,194,302: in 127.64.0.0/10, and behind the prefix `fd7d:5d77::/96`, which the
 * agent routes to `lo` in namespaces that have IPv6.
 */
export const LOCAL_ADDRESSES = 2 ** 22 - 2
export const LOCAL_PREFIX_6 = 'fd7d:5d77::/96'

/** The local address number `index` for a destination of this family, as the kernel writes it (RFC 5952): it is looked up as text. */
export function localAddress(index: number, family: 4 | 6): string {
  const high = index >>> 16
  const low = index & 0xffff
  if (family === 4) return `127.${64 + high}.${low >>> 8}.${low & 0xff}`
  return `fd7d:5d77::${high === 0 ? '' : `${high.toString(16)}:`}${low.toString(16)}`
}

/** Whether it may stand for a destination: a call that arrived on any other address was not redirected. */
export function isLocalAddress(host: string): boolean {
  if (host.includes(':')) return host.startsWith('fd7d:5d77::')
  const [first, second] = host.split('.', 2)
  return first === '127' && Number(second) >= 64 && Number(second) <= 127
}
