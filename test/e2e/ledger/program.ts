// Sends requests at a steady rate over connections that are kept alive, and keeps book of every one: run by a pod, told and asked over
// HTTP on port 9100. `PUT /plan` says what to send from now on, `PUT /renew` takes new connections for it, `GET /summary` and
// `GET /entries` say what came of it, and `PUT /try` sends one request on a connection of its own, in no book.

import http from 'node:http'
import type net from 'node:net'
import { type Errand, judge, type Outcome } from './judge.ts'
import { type Entry, summarize } from './summary.ts'

export interface Plan {
  /** Requests in a second, all errands together. */
  readonly rate: number
  readonly errands: readonly Errand[]
  /** At most so many at a time, 32 if not given: what is due meanwhile is not sent, so that a slow machine is not buried. */
  readonly concurrency?: number
  /** How long an answer is waited for, in milliseconds; 10,000 if not given. */
  readonly patience?: number
}

const TICK_MS = 5
/** Whoever was not given the processor for so long looks at its connections first: some may have been closed for idling meanwhile. */
const STALL_MS = 500
const ANSWER_LENGTH = 600
const PATIENCE_MS = 10_000
/** Nobody has asked for so long: the test has ended, or was killed. An API server that is killed comes back sooner. */
const ABANDONED_MS = 30_000
const CONCURRENCY = 32

const connections = { opened: 0, closed: 0, broken: 0 }
const entries: Entry[] = []
let plan: Plan = { rate: 0, errands: [] }
let pending = 0
let asked = performance.now()
/** Sockets that were, even if they are not any more. */
const connected = new WeakSet<net.Socket>()

/** Of the requests that are under way: what was expected of each since it began. */
const underWay = new Map<string, Set<Errand[]>>()

let agent = newAgent(true)
const once = newAgent(false)

function newAgent(keepAlive: boolean): http.Agent {
  const made = new http.Agent({ keepAlive, scheduling: 'fifo' })
  const createConnection = made.createConnection.bind(made)
  made.createConnection = (...args) => {
    const socket = createConnection(...args) as net.Socket
    socket.once('connect', () => {
      connected.add(socket)
      connections.opened++
      socket.once('close', (broken) => (broken ? connections.broken++ : connections.closed++))
    })
    return socket
  }
  return made
}

/** Connections that are in use end with their request. */
function renew(): void {
  agent.maxFreeSockets = 0
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
  agent = newAgent(true)
}

async function send({ url, key }: Errand, by: http.Agent | false): Promise<Outcome> {
  return new Promise((resolve) => {
    const headers = key === undefined ? {} : { baggage: `userId=alice,sidetrack=${key}` }
    const request = http.get(url, { agent: by, headers, timeout: plan.patience ?? PATIENCE_MS }, (response) => {
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

/** Sends one, and enters what came of it. What is expected is what its errand says at any time between. */
async function enter(errand: Errand): Promise<void> {
  pending++
  const sent = Date.now()
  const held = [errand]
  const ofItsName = underWay.get(errand.name) ?? new Set()
  underWay.set(errand.name, ofItsName.add(held))
  const outcome = await send(errand, errand.fresh === true ? once : agent)
  ofItsName.delete(held)
  pending--
  const verdict = judge(held, outcome)
  const said = verdict.is === 'right' || !('body' in outcome) ? {} : { answer: outcome.body.slice(0, ANSWER_LENGTH) }
  entries.push({ errand: errand.name, sent, ended: Date.now(), verdict, ...said })
}

/** Goes by another plan from now on. */
function follow(next: Plan): void {
  plan = next
  for (const errand of next.errands) for (const held of underWay.get(errand.name) ?? []) held.push(errand)
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
    const stalled = now - last > STALL_MS
    due = Math.min(due + (plan.rate * (now - last)) / 1000, plan.rate)
    last = now
    if (stalled || now - asked > ABANDONED_MS) due = 0
    for (; due >= 1; due--) {
      if (pending >= (plan.concurrency ?? CONCURRENCY)) continue
      const errand = turn.next().value
      if (errand !== undefined) void enter(errand)
    }
  }, TICK_MS)
}

async function answer(request: http.IncomingMessage): Promise<object> {
  if (!request.headers['user-agent']?.startsWith('kube-probe')) asked = performance.now()
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ledger')
  let text = ''
  for await (const chunk of request) text += String(chunk)
  if (pathname === '/plan') follow(JSON.parse(text))
  if (pathname === '/renew') renew()
  if (pathname === '/try') return send(JSON.parse(text), false)
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
