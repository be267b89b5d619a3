// One HTTP/1.1 client of a soak: a keep-alive connection, one request after the other.

import { createHash } from 'node:crypto'
import http from 'node:http'
import type { Random } from '../random.ts'
import { Deaths } from './deaths.ts'
import { judge } from './judge.ts'
import { type RequestPlan, bytesOf, planHeaders, planRequest } from './request-plan.ts'
import type { Outcome, Tally } from './tally.ts'

export async function runHttp1Client(port: number, random: Random, tally: Tally, more: () => boolean): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let deaths = new Deaths()
  while (more()) {
    if (!isOpen(agent)) deaths = new Deaths()
    const passage = deaths.begin(planRequest(random))
    const outcome = await send(agent, port, passage.plan)
    judge(tally, 'plain', passage.plan, outcome, deaths.end(passage, outcome))
  }
  agent.destroy()
}

/** The next request will go over the connection of the last one. */
function isOpen(agent: http.Agent): boolean {
  return Object.values(agent.freeSockets).some((sockets) => sockets?.some(({ destroyed }) => !destroyed))
}

function send(agent: http.Agent, port: number, plan: RequestPlan): Promise<Outcome> {
  return new Promise((resolve) => {
    const body = bytesOf(plan.body)
    const headers = {
      ...planHeaders(plan),
      ...(plan.chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }),
    }
    const request = http.request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/soak', headers })
    let error = 'CLOSED'
    let answer: Outcome | undefined
    request.on('error', (failure: NodeJS.ErrnoException) => (error = failure.code ?? failure.message))
    // In the next turn: by then the agent has given the connection back.
    request.on('close', () => setImmediate(() => resolve(answer ?? { error })))
    request.on('response', (response) => {
      const hash = createHash('sha1')
      let length = 0
      response.on('data', (part: Buffer) => {
        hash.update(part)
        length += part.length
        if (plan.abortAt !== undefined && length >= plan.abortAt) request.destroy()
      })
      response.on('error', () => {})
      response.on('close', () => {
        const { 'x-variant': variant, 'sidetrack-route': route, 'x-received': received } = response.headers
        answer = {
          status: response.statusCode ?? 0,
          variant: text(variant),
          route: text(route),
          received: text(received),
          complete: response.complete,
          sha: hash.digest('hex'),
          length,
        }
      })
    })
    write(request, body, plan)
    if (plan.abortAt === 0) setImmediate(() => request.destroy())
  })
}

/** Chunked ones in two writes, so in two chunks. */
function write(request: http.ClientRequest, body: Buffer, plan: RequestPlan): void {
  const half = plan.chunked ? body.length >> 1 : 0
  if (half > 0) request.write(body.subarray(0, half))
  if (plan.abortAt === 0) request.write(body.subarray(half, half + 1))
  else request.end(body.subarray(half))
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join() : value
}
