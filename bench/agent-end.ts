// The agent's end of the wire for one sidecar without an agent: says what a measurement wants said and waits for the answer.

import { createServer, type Socket } from 'node:net'
import { LineSplitter } from '../core/lines.ts'
import { type AgentMessage, encodeLine, type SidecarMessage } from '../core/wire.ts'

export interface AgentEnd {
  /** As the sidecar's setting wants it. */
  readonly endpoint: string
  /** Resolves when the sidecar has connected. */
  readonly connected: Promise<void>
  /** Sends the messages in one write and resolves when `revision` is in force. One at a time. */
  apply(messages: readonly AgentMessage[], revision: number): Promise<void>
  close(): void
}

/** Listens on the Unix socket `path`. */
export async function listenAsAgent(path: string): Promise<AgentEnd> {
  let link: Socket | undefined
  let waiting: { readonly revision: number; readonly resolve: () => void } | undefined
  const hello = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    link = socket
    const lines = new LineSplitter()
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const message: SidecarMessage = JSON.parse(line)
        if ('hello' in message) hello.resolve()
        else if ('applied' in message && message.applied === waiting?.revision) waiting.resolve()
      }
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  return {
    endpoint: `unix:${path}`,
    connected: hello.promise,
    apply: (messages, revision) =>
      new Promise((resolve) => {
        waiting = { revision, resolve }
        link?.write(messages.map(encodeLine).join(''))
      }),
    close: () => {
      link?.destroy()
      server.close()
    },
  }
}
