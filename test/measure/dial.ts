// Connects to the agent from inside a pod, as the sidecar's user, and hands the socket over.

import net from 'node:net'
import { AGENT_PORT } from '../../core/interception.ts'

const socket = net.connect({ host: '127.0.0.1', port: AGENT_PORT, noDelay: true })
socket.pause()
socket.once('connect', () => process.send?.('connected', socket, {}, () => process.exit(0)))
socket.once('error', () => process.exit(1))
