// Sends requests at a steady rate over connections that are kept alive, and keeps book of every one: run by a pod, told and asked over
// HTTP on port 9100. `PUT /plan` says what to send from now on, `GET /summary` and `GET /entries` what came of it.

import http from 'node:http'
import type net from 'node:net'
import { type Errand, judge, type Outcome } from './judge.ts'
import { type Entry, summarize } from './summary.ts'

export interface Plan {
  /** Requests in a second, all errands together. */
  readonly rate: number
  readonly errands: readonly Errand[]
}

const TICK_MS = 5
const TIMEOUT_MS = 10_000
const CONNECTIONS = 32

const connections = { opened: 0, closed: 0, broken: 0 }
const entries: Entry[] = []
let plan: Plan = { rate: 0, errands: [] }
let pending = 0
/** Sockets that were, even if they are not any more. */
const connected = new WeakSet<net.Socket>()

const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: 'fifo' })
const createConnection = agent.createConnection.bind(agent)
agent.createConnection = (...args) => {
  const socket = createConnection(...args) as net.Socket
  socket.once('connect', () => {
    connected.add(socket)
    connections.opened++
    socket.once('close', (broken) => (broken ? connections.broken++ : connections.closed++))
  })
  return socket
}

async function send({ url, key }: Errand): Promise<Outcome> {
  return new Promise((resolve) => {
    const headers = key === undefined ? {} : { baggage: `userId=alice,sidetrack=${key}` }
    const request = http.get(url, { agent, headers, timeout: TIMEOUT_MS }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('error', failed)
      response.on('end', () => {
        const refusal = response.headers['sidetrack-error']
        const rest = typeof refusal === 'string' ? { refusal } : {}
        resolve({ status: response.statusCode ?? 0, body, ...rest })
      })
    })
    const failed = (error: NodeJS.ErrnoException) => {
      const phase = request.socket !== null && connected.has(request.socket) ? 'sent' : 'connect'
      resolve({ fault: `${phase} ${error.code ?? error.message}` })
    }
    request.on('error', failed)
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })))
  })
}

/** Sends one, and enters what came of it. What is expected is what its errand says when it begins or when it ends. */
async function enter(errand: Errand): Promise<void> {
  pending++
  const sent = Date.now()
  const outcome = await send(errand)
  pending--
  const later = plan.errands.find(({ name }) => name === errand.name)
  const held = later === undefined || later === errand ? [errand] : [errand, later]
  entries.push({ errand: errand.name, sent, ended: Date.now(), verdict: judge(held, outcome) })
}

function* inTurn(): Generator<Errand | undefined, never> {
  const credit = new Map<string, number>()
  for (;;) {
    let best: Errand | undefined
    for (const errand of plan.errands) {
      credit.set(errand.name, (credit.get(errand.name) ?? 0) + errand.share)
      if (best === undefined || credit.get(errand.name)! > credit.get(best.name)!) best = errand
    }
    const sum = plan.errands.reduce((total, { share }) => total + share, 0)
    if (best !== undefined) credit.set(best.name, credit.get(best.name)! - sum)
    yield best
  }
}

function keepSending(): void {
  const turn = inTurn()
  let due = 0
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    due = Math.min(due + (plan.rate * (now - last)) / 1000, plan.rate) // what a second's standstill left over is not made up for
    last = now
    for (; due >= 1; due--) {
      const errand = turn.next().value
      if (errand !== undefined) void enter(errand)
    }
  }, TICK_MS)
}

async function answer(request: http.IncomingMessage): Promise<object> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ledger')
  if (request.method === 'PUT' && pathname === '/plan') {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    plan = JSON.parse(text)
  }
  const since = entries.slice(Number(searchParams.get('from') ?? 0))
  if (pathname === '/entries') return since.filter(({ verdict }) => verdict.is !== 'right')
  return { entries: entries.length, ...summarize(since, pending, connections) }
}

keepSending()
http
  .createServer((request, response) => {
    answer(request).then(
      (body) => response.end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    )
  })
  .listen(9100, '::')
process.once('SIGTERM', () => process.exit())
