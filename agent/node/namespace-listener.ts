// Listens inside a pod's network namespace, so that who connects is known by where: no token, and nobody else can reach it.

import net from 'node:net'
import path from 'node:path'
import { AGENT_PORT } from '../../core/interception.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { Gate } from './gate.ts'
import type { NetworkNamespace } from './network-namespace.ts'

/** Each helper is a Node of its own for 50 ms. */
const AT_ONCE = 2
const LIMIT_MS = 10_000

/** This file's own ending: `.ts` from the sources, `.js` as it is built. */
const HELPER = path.join(import.meta.dirname, `namespace-listener-helper${path.extname(import.meta.filename)}`)

export class NamespaceListeners {
  readonly #gate = new Gate(AT_ONCE)

  /**
   * Opens 127.0.0.1:15010 in the namespace; `accept` gets every connection. The server keeps the namespace alive until it is closed.
   * Throws ST2004 if the port is taken there.
   */
  open(namespace: NetworkNamespace, accept: (socket: net.Socket) => void): Promise<net.Server> {
    return this.#gate.pass(async () => {
      // A server accepts from the moment that it is here, and what nobody takes from it then would stay open and unanswered.
      const early: net.Socket[] = []
      let take = (socket: net.Socket): void => {
        early.push(socket.on('error', () => {}))
      }
      const server = await receive(namespace, (socket) => take(socket))
      take = accept
      for (const socket of early) accept(socket)
      return server
    })
  }
}

/** `accepted` gets connections from before it resolves. */
function receive(namespace: NetworkNamespace, accepted: (socket: net.Socket) => void): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const io = { stderr: 'pipe', ipc: true } as const
    const helper = namespace.spawn(process.execPath, [HELPER, String(AGENT_PORT)], io)
    let said = ''
    let server: net.Server | undefined
    const fail = (why: string, cause?: unknown) =>
      reject(new SidetrackError('ST2004', `cannot listen on 127.0.0.1:${AGENT_PORT} inside a pod: ${why}`, { cause }))
    const timer = setTimeout(() => helper.kill('SIGKILL'), LIMIT_MS)
    helper.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    helper.on('error', (error) => fail(error.message, error))
    helper.on('message', (message: unknown, handle: unknown) => {
      if (handle instanceof net.Server) server = handle.on('connection', accepted)
      else fail(describe(message))
    })
    // Not before the helper has ended: until then the port is its as well.
    helper.on('close', (code, signal) => {
      clearTimeout(timer)
      if (server !== undefined) resolve(server)
      else fail(/^\S*Error.*$/m.exec(said)?.[0] ?? `the helper ended with ${code ?? signal}`)
    })
  })
}

function describe(message: unknown): string {
  const fault = typeof message === 'object' && message !== null && 'fault' in message ? String(message.fault) : ''
  return fault === 'EADDRINUSE' ? 'another process of the pod has that port' : fault
}
