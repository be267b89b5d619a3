// Runs for a moment inside a pod's network namespace: listens there for sidecars and hands the socket to the agent. Loads nothing else.

import net from 'node:net'

process.on('disconnect', () => process.exit(1))
const server = net.createServer()
server.on('error', (error: NodeJS.ErrnoException) => {
  process.send?.({ fault: error.code ?? error.message }, () => process.exit(1))
})
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, () => {
  process.send?.('listening', server, {}, () => process.exit(0))
})
