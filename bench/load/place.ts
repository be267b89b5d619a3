// Where a load runs: in this machine's own network against a port of its own, or in a pod's against any address.

export interface Place {
  readonly host: string
  /** A process in whose network the load runs; this machine's own if there is none. */
  readonly pid?: number
}

/** The command in its place. */
export function inPlace(
  place: Place | undefined,
  command: string,
  args: readonly string[],
): readonly [string, ...string[]] {
  return place?.pid === undefined
    ? [command, ...args]
    : ['nsenter', `--net=/proc/${place.pid}/ns/net`, command, ...args]
}
