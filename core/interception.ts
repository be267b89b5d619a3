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

/**
 * Local addresses stand for destinations by number, 1 to 4,194,302: in 127.64.0.0/10, and behind the prefix `fd7d:5d77::/96`, which the
 * agent routes to `lo` in namespaces that have IPv6.
 */
export const LOCAL_ADDRESSES = 2 ** 22 - 2
export const LOCAL_PREFIX_6 = 'fd7d:5d77::/96'

/** The local address number `index` for a destination of this family. */
export function localAddress(index: number, family: 4 | 6): string {
  const high = index >>> 16
  const low = index & 0xffff
  return family === 4
    ? `127.${64 + high}.${low >>> 8}.${low & 0xff}`
    : `fd7d:5d77::${high.toString(16)}:${low.toString(16)}`
}
