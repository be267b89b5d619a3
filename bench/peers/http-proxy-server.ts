// A router on http-proxy: `documented` as its README shows it, `agent` with kept upstream connections.

import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'
import { readPorts, upstreamOf } from './keyed.ts'

const ports = readPorts(process.argv.slice(2))
const proxy = httpProxy.createProxyServer(ports.how === 'agent' ? { agent: new Agent({ keepAlive: true }) } : {})

proxy.on('error', (_error, _request, response) => {
  if ('writeHead' in response) response.writeHead(502)
  response.end()
})

createServer((request, response) => {
  proxy.web(request, response, { target: upstreamOf(request.headers['baggage'], ports) })
}).listen(ports.listen, '127.0.0.1')
