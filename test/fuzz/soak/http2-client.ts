// One h2c client of a soak: a session of node:http2 with several streams at once, opened anew when it ends.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http2 from 'node:http2'
import type { Random } from '../random.ts'
import { Deaths } from './deaths.ts'
import { judge } from './judge.ts'
import { type RequestPlan, bytesOf, planHeaders, planRequest } from './request-plan.ts'
import type { Outcome, Tally } from './tally.ts'

const STREAMS = 8

class Connection {
  readonly session: http2.ClientHttp2Session
  readonly deaths = new Deaths()
  open = true

  constructor(port: number, goaway: (code: number) => void) {
    this.session = http2.connect(`http://127.0.0.1:${port}`)
    this.session.on('error', () => {}).on('close', () => (this.open = false))
    this.session.on('goaway', (code) => {
      this.open = false
      goaway(code)
    })
  }
}

export async function runHttp2Client(port: number, random: Random, tally: Tally, more: () => boolean): Promise<void> {
  const connect = (): Connection =>
    new Connection(port, (code) => {
      if (code !== 0) tally.fault('connection error', undefined, { code })
    })
  let connection = connect()
  const lane = async (): Promise<void> => {
    while (more()) {
      if (!connection.open) connection = connect()
      const { session, deaths } = connection
      const passage = deaths.begin(planRequest(random))
      const outcome = await send(session, passage.plan)
      judge(tally, 'multiplexed', passage.plan, outcome, deaths.end(passage, outcome))
    }
  }
  await Promise.all(Array.from({ length: STREAMS }, lane))
  if (!connection.session.destroyed) {
    connection.session.close()
    await once(connection.session, 'close')
  }
}

function send(session: http2.ClientHttp2Session, plan: RequestPlan): Promise<Outcome> {
  return new Promise((resolve) => {
    const body = bytesOf(plan.body)
    const length = plan.chunked ? {} : { 'content-length': String(body.length) }
    let stream: http2.ClientHttp2Stream
    try {
      stream = session.request({ ':method': 'POST', ':path': '/soak', ...planHeaders(plan), ...length })
    } catch (error) {
      resolve({ error: (error as NodeJS.ErrnoException).code ?? String(error) })
      return
    }
    let headers: http2.IncomingHttpHeaders | undefined
    let status = 0
    let ended = false
    let failure: string | undefined
    let received = 0
    const hash = createHash('sha1')
    stream.on('error', (error: NodeJS.ErrnoException) => (failure = error.code ?? error.message))
    stream.on('response', (fields) => {
      headers = fields
      status = Number(fields[':status'])
    })
    stream.on('data', (part: Buffer) => {
      hash.update(part)
      received += part.length
      if (plan.abortAt !== undefined && received >= plan.abortAt) stream.close(http2.constants.NGHTTP2_CANCEL)
    })
    stream.on('end', () => (ended = true))
    stream.on('close', () => {
      if (headers === undefined) {
        resolve({ error: `${failure ?? 'closed'} ${stream.rstCode}${session.destroyed ? ' session gone' : ''}` })
        return
      }
      const { 'x-variant': variant, 'sidetrack-route': route, 'x-received': received_ } = headers
      const complete = ended && stream.rstCode === 0 && failure === undefined
      resolve({
        status,
        variant: text(variant),
        route: text(route),
        received: text(received_),
        complete,
        sha: hash.digest('hex'),
        length: received,
      })
    })
    if (plan.abortAt === 0) {
      stream.write(body.subarray(0, body.length >> 1))
      setImmediate(() => stream.close(http2.constants.NGHTTP2_CANCEL))
    } else stream.end(body)
  })
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join() : value
}
