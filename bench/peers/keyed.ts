// The rule as a Node program would have it.

export interface Ports {
  readonly how: string
  readonly listen: number
  readonly baseline: string
  readonly fork: string
  readonly keys: ReadonlySet<string>
}

/** Reads the arguments that `nodeProgram` passes. */
export function readPorts(args: readonly string[]): Ports {
  const [how = '', listen = '', baseline = '', fork = '', keys = ''] = args
  return {
    how,
    listen: Number(listen),
    baseline: `http://127.0.0.1:${baseline}`,
    fork: `http://127.0.0.1:${fork}`,
    keys: new Set(keys.split(',')),
  }
}

const MEMBER = /(?:^|,)[ \t]*sidetrack[ \t]*=[ \t]*([^;, \t]+)/

export function upstreamOf(baggage: string | readonly string[] | undefined, ports: Ports): string {
  const key = MEMBER.exec(typeof baggage === 'string' ? baggage : (baggage?.join(',') ?? ''))?.[1]
  return key !== undefined && ports.keys.has(key) ? ports.fork : ports.baseline
}
