// The part of http-proxy that the bench uses: the package ships no types.

declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http'
  import type { Socket } from 'node:net'

  interface Proxy {
    web(request: IncomingMessage, response: ServerResponse, options: { target: string }): void
    on(
      event: 'error',
      listener: (error: Error, request: IncomingMessage, response: ServerResponse | Socket) => void,
    ): void
  }
  const httpProxy: { createProxyServer(options: { agent?: Agent }): Proxy }
  export default httpProxy
}
