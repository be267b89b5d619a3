import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import t, { type Test } from 'tap'
import { type OpenProxy, startOpenProxy } from '../../../cli/open/proxy.ts'
import { sidetrackHere, startSidetrack } from '../../fixtures/cli-process.ts'
import { freePorts } from '../../fixtures/free-port.ts'
import { until } from '../../fixtures/until.ts'

interface Site {
  readonly url: string
  readonly seen: IncomingMessage[]
  readonly sockets: Set<Socket>
}

async function site(t: Test, answer: RequestListener): Promise<Site> {
  const seen: IncomingMessage[] = []
  const sockets = new Set<Socket>()
  const server = createServer((asked, response) => {
    seen.push(asked)
    answer(asked, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (asked, socket) => {
    seen.push(asked)
    // RFC 6455 §4.2.2, then one text frame, then whatever comes is read.
    const accept = createHash('sha1').update(
      `${asked.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    )
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`,
    )
    socket.write(Buffer.from([0x81, 5, ...Buffer.from('hello')]))
    socket.on('error', () => {}).resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, sockets }
}

async function proxyFor(t: Test, url: string, lines: string[] = []): Promise<OpenProxy> {
  const options = { site: url, keys: 'pr-42.pr-57', port: 0, insecure: false }
  const proxy = await startOpenProxy({ ...options, failed: (line) => lines.push(line) })
  t.teardown(() => proxy.close())
  return proxy
}

t.test('every request goes to the site with the key, as if the browser were there', async (t) => {
  const shop = await site(t, (_, response) =>
    response.setHeader('location', `${shop.url}/next`).writeHead(302).end('moved'),
  )
  const proxy = await proxyFor(t, shop.url)
  const init = {
    method: 'POST',
    body: 'item=1',
    headers: { origin: proxy.origin, baggage: 'a=1' },
    redirect: 'manual',
  } as const
  const response = await fetch(`${proxy.origin}/cart?x=1`, init)
  t.equal(response.status, 302)
  t.equal(response.headers.get('location'), `${proxy.origin}/next`)
  t.equal(await response.text(), 'moved')
  t.match(shop.seen[0], {
    method: 'POST',
    url: '/cart?x=1',
    headers: { host: shop.url.slice('http://'.length), origin: shop.url, baggage: 'a=1,sidetrack=pr-42.pr-57' },
  })
})

t.test('WebSockets carry the key', async (t) => {
  const shop = await site(t, (_, response) => response.end())
  const proxy = await proxyFor(t, shop.url)
  const socket = new WebSocket(proxy.origin.replace('http', 'ws'))
  const [event] = (await once(socket, 'message')) as [MessageEvent]
  t.equal(event.data, 'hello')
  t.match(shop.seen[0]?.headers, { upgrade: 'websocket', baggage: 'sidetrack=pr-42.pr-57' })
  socket.close()
})

t.test('a site that cannot be reached is said to be so', async (t) => {
  const [port = 0] = await freePorts(1)
  const lines: string[] = []
  const proxy = await proxyFor(t, `http://127.0.0.1:${port}`, lines)
  const response = await fetch(`${proxy.origin}/a`)
  t.equal(response.status, 502)
  t.match(await response.text(), /^sidetrack open: http:\/\/127.0.0.1:\d+ cannot be reached: connect ECONNREFUSED/)
  t.match(lines, [/^GET \/a: connect ECONNREFUSED/])
})

t.test('a site that breaks off in the middle leaves no browser waiting', async (t) => {
  const shop = await site(t, (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => response.socket?.destroy())
  })
  const proxy = await proxyFor(t, shop.url)
  await t.rejects(fetch(`${proxy.origin}/`).then((response) => response.text()))
})

t.test('a browser that leaves ends the request to the site', async (t) => {
  const shop = await site(t, (_, response) => response.writeHead(200).write('first'))
  const proxy = await proxyFor(t, shop.url)
  const browser = request(`${proxy.origin}/`).end()
  const [response] = (await once(browser, 'response')) as [IncomingMessage]
  await once(response, 'data')
  t.equal(shop.sockets.size, 1)
  browser.destroy()
  await until(() => shop.sockets.size === 0)
})

t.test('a page that calls the proxy by another name gets nothing', async (t) => {
  const shop = await site(t, (_, response) => response.end('secret'))
  const proxy = await proxyFor(t, shop.url)
  const strange = request(`${proxy.origin}/`, { headers: { host: 'evil.example' } }).end()
  const [response] = (await once(strange, 'response')) as [IncomingMessage]
  t.equal(response.statusCode, 421)
  t.equal(shop.seen.length, 0)
})

t.test('sidetrack open says where it listens, and ends with Ctrl-C', async (t) => {
  const shop = await site(t, (_, response) => response.end('hello'))
  const started = startSidetrack(['open', 'pr-42', `${shop.url}/cart`, '--no-browser'])
  await until(() => started.output.stdout.includes('\n'))
  const [address = ''] = started.output.stdout.split(' ')
  t.equal(await (await fetch(address)).text(), 'hello')
  t.match(shop.seen[0], { url: '/cart', headers: { baggage: 'sidetrack=pr-42' } })
  started.process.kill('SIGINT')
  t.match(await started.ended, { code: 0, stderr: '' })
})

t.test('sidetrack open refuses what is no key, no address, no port and a port that is taken', async (t) => {
  const { port } = new URL((await site(t, (_, response) => response.end())).url)
  const wrong: readonly [args: readonly string[], code: number, says: RegExp][] = [
    [['a b', 'http://a/'], 64, /"a b" is no routing key/],
    [['pr-42', 'shop.example'], 64, /no address like/],
    [['pr-42', 'ftp://a/'], 64, /no address like/],
    [['pr-42', 'http://a/', '-p', '70000'], 64, /no port/],
    [['pr-42', 'http://a/', '-p', port], 1, /cannot listen on 127.0.0.1:\d+: .*EADDRINUSE.*\(ST2004\)/],
  ]
  for (const [args, code, stderr] of wrong) {
    t.match(await sidetrackHere(['open', '--no-browser', ...args]), { code, stdout: '', stderr })
  }
})
