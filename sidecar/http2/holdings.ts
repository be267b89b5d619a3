// What one client's HTTP/2 connection holds for peers that do not take it, and how it gives that up.

import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import type { Half, Stream } from './stream.ts'

/** What a queued frame costs beside its bytes. */
export const FRAME_COST = 128

/** Bytes. */
export function holdings(client: Downstream): number {
  let bytes = backlogs(client)
  for (const stream of client.streams.values()) bytes += heldFor(stream)
  return bytes
}

/**
 * Ends the streams that something waits for; and the whole connection if that was the lesser part, or if the client takes nothing at all: what
 * has been given to a socket cannot be taken back.
 */
export function giveUp(client: Downstream): void {
  if (client.closed) {
    client.link.socket.destroy()
    return
  }
  const before = holdings(client)
  for (const stream of [...client.streams.values()].filter((each) => heldFor(each) > 0)) giveUpStream(client, stream)
  client.outlets.flush()
  if (client.closed || backlogs(client) < before / 2) return
  client.fail(new ConnectionError(ErrorCode.enhanceYourCalm, 'too many bytes wait'))
  if (client.link.backlog > 0) client.link.socket.resetAndDestroy()
}

function giveUpStream(client: Downstream, stream: Stream): void {
  if (!client.streams.has(stream.id)) return
  if (stream.answered) client.resetStream(stream, ErrorCode.enhanceYourCalm, ErrorCode.cancel)
  else {
    const detail = `More bytes wait in the sidecar than it may hold; Service ${client.destination.service}.`
    client.answers.answer(stream, { code: 'ST1105', detail }, ErrorCode.cancel)
  }
}

function heldFor({ head, request, response }: Stream): number {
  return (head?.length ?? 0) + queued(request) + queued(response)
}

function queued({ queue, queued: bytes }: Half): number {
  return queue === undefined ? 0 : bytes + queue.length * FRAME_COST
}

/** What the sockets have not taken yet. */
function backlogs(client: Downstream): number {
  let bytes = client.link.backlog
  for (const { link } of client.pool.sessions) bytes += link.backlog
  return bytes
}
