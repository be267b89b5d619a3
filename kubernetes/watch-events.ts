// The events in the answer to a watch: one JSON object a line, as many at once as came in one piece.

import { LineSplitter } from '../core/lines.ts'
import { errorOfFailure } from './failure.ts'
import { type Call, type KubernetesError, type Status, errorOfBody, errorOfStatus } from './kubernetes-error.ts'
import type { KubernetesObject } from './resources/meta.ts'
import type { HttpStream } from './transport.ts'

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  /** Of a bookmark: its resourceVersion alone. */
  readonly object: T
}

/** An object is at most 1.5 MiB in etcd; as JSON, with escapes, several times as much. */
const MAX_EVENT_BYTES = 16 << 20

/** Ends when the API server ends the watch in good order, throws a KubernetesError when it breaks or reports an error. */
export async function* watchEvents<T extends KubernetesObject>(
  call: Call,
  server: string,
  stream: HttpStream,
): AsyncGenerator<readonly WatchEvent<T>[]> {
  const lines = new LineSplitter(MAX_EVENT_BYTES)
  try {
    for await (const chunk of failing(call, server, stream.body)) {
      const events: WatchEvent<T>[] = []
      for (const line of lines.push(chunk)) {
        const event = parse<T>(call, line)
        if (event.type === 'ERROR') {
          if (events.length > 0) yield events
          throw errorOfStatus(call, event.object)
        }
        events.push(event)
      }
      if (events.length > 0) yield events
    }
  } finally {
    stream.close()
  }
}

async function* failing(call: Call, server: string, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw errorOfFailure(call, server, error)
  }
}

function parse<T>(call: Call, line: string): WatchEvent<T> | { readonly type: 'ERROR'; readonly object: Status } {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the resource says the type of what is watched at its path
    return JSON.parse(line) as WatchEvent<T>
  } catch (error) {
    throw errorOfBody(call, 200, line, error)
  }
}

/** Whether what was known is no use any more, so that everything must be listed. */
export function mustListAgain(error: KubernetesError): boolean {
  return error.code === 'ST3008'
}
