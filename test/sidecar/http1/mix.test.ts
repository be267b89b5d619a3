import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Address } from '../../../core/address.ts'
import { ready, startDataPath, unready } from '../../fixtures/data-path.ts'
import { turn } from '../../fixtures/peer.ts'

const CONNECTIONS = 100
const REQUESTS = 20
const POOL = randomBytes(300_000)

const pick = (below: number) => Math.floor(Math.random() * below)

/** Between 0 and the pool's size, small ones more often. */
function somebody(): Buffer {
  const length = pick(8) === 0 ? 0 : Math.floor(2 ** (Math.random() * 18))
  const start = pick(POOL.length - length)
  return POOL.subarray(start, start + length)
}

/** Writes the body in pieces of random sizes. */
async function writePieces(to: NodeJS.WritableStream, body: Buffer): Promise<void> {
  for (let start = 0; start < body.length;) {
    const end = start + 1 + pick(pick(3) === 0 ? 100 : 60_000)
    if (!to.write(body.subarray(start, end))) await once(to, 'drain')
    if (pick(4) === 0) await turn()
    start = end
  }
}

/** Says who it is, and sends the body back with a length or in chunks. */
async function startEcho(who: string): Promise<{ server: http.Server; address: Address }> {
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      response.writeHead(200, { 'x-who': who, ...(pick(2) === 0 ? { 'content-length': body.length } : {}) })
      void writePieces(response, body).then(() => response.end())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } }
}

interface Answer {
  readonly status: number | undefined
  readonly who: unknown
  readonly route: unknown
  readonly sha: string
}

function send(agent: http.Agent, port: number, key: string, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(key === '' ? {} : { baggage: `a=1,sidetrack=${key}` }),
      ...(pick(2) === 0 ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }),
    }
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', agent, headers }, (response) => {
      const hash = createHash('sha256')
      response.on('data', (part: Buffer) => hash.update(part))
      response.on('error', reject)
      response.on('end', () => {
        const { 'x-who': who, 'sidetrack-route': route } = response.headers
        resolve({ status: response.statusCode, who, route, sha: hash.digest('hex') })
      })
    })
    request.on('error', reject)
    void writePieces(request, body).then(() => request.end())
  })
}

t.test(
  'a hundred connections with mixed keys and bodies get every byte back, each from its own upstream',
  async (t) => {
    const echoes = {
      '': await startEcho('baseline'),
      'pr-42': await startEcho('pr-42'),
      'pr-57': await startEcho('pr-57'),
    }
    const path = await startDataPath({
      baseline: echoes[''].address,
      routes: [
        ready('pr-42', echoes['pr-42'].address),
        ready('pr-57', echoes['pr-57'].address),
        unready('pr-base', 'starting', 'baseline'),
      ],
    })
    t.teardown(() => {
      path.close()
      for (const { server } of Object.values(echoes)) server.close().closeAllConnections()
    })
    const expected: Record<string, readonly [string, string | undefined]> = {
      '': ['baseline', undefined],
      'pr-42': ['pr-42', 'cart=pr-42'],
      'pr-57': ['pr-57', 'cart=pr-57'],
      'pr-99': ['baseline', undefined],
      'pr-base': ['baseline', undefined],
      'pr-99.pr-57.pr-42': ['pr-57', 'cart=pr-57'],
    }
    const keys = Object.keys(expected)
    const wrong: unknown[] = []
    const one = async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      for (let count = 0; count < REQUESTS; count++) {
        const key = keys[pick(keys.length)] ?? ''
        const body = somebody()
        const answer = await send(agent, path.port, key, body)
        const [who, route] = expected[key] ?? []
        const sha = createHash('sha256').update(body).digest('hex')
        if (answer.status !== 200 || answer.who !== who || answer.route !== route || answer.sha !== sha)
          wrong.push({ key, length: body.length, ...answer })
      }
      agent.destroy()
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, one))
    t.strictSame(wrong, [])
    await path.untilIdle()
    for (const { server } of Object.values(echoes)) {
      server.close()
      await once(server, 'close')
    }
    t.pass('no connection to an upstream is left')
    t.strictSame(path.plane.counters.figures().requests['cart']?.['ST1102'], undefined)
    path.close()
  },
)

function sockets(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length
}

t.test('connections that come and go leave no socket behind', async (t) => {
  const echo = await startEcho('baseline')
  const path = await startDataPath({ baseline: echo.address, routes: [ready('pr-42', echo.address)] })
  t.teardown(() => [path.close(), echo.server.close().closeAllConnections()])
  const before = sockets()
  for (let round = 0; round < 5; round++) {
    const clients = Array.from({ length: 40 }, async (_, index) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const request = http.request({
        port: path.port,
        host: '127.0.0.1',
        method: 'POST',
        agent,
        headers: index % 2 === 0 ? { baggage: 'sidetrack=pr-42' } : {},
      })
      const gone = new Promise((resolve) => request.on('error', () => {}).on('close', resolve))
      request.write(somebody())
      if (index % 4 < 2) await turn()
      if (index % 8 < 4) request.destroy()
      else request.end().on('response', (response) => response.destroy())
      await gone
      agent.destroy()
    })
    await Promise.all(clients)
  }
  await path.untilIdle()
  path.close()
  echo.server.close()
  await once(echo.server, 'close')
  for (let turns = 0; turns < 1000 && sockets() > before; turns++) await turn()
  t.equal(sockets(), before)
})
