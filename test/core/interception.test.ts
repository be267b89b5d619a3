import { once } from 'node:events'
import net from 'node:net'
import t from 'tap'
import { LOCAL_ADDRESSES, localAddress } from '../../core/interception.ts'

const NUMBERS = [1, 5, 255, 256, 65_535, 65_536, 65_541, 131_072, LOCAL_ADDRESSES]

t.test('a local address stands in its prefix', async (t) => {
  t.strictSame(
    NUMBERS.map((number) => localAddress(number, 4)),
    [
      '127.64.0.1',
      '127.64.0.5',
      '127.64.0.255',
      '127.64.1.0',
      '127.64.255.255',
      '127.65.0.0',
      '127.65.0.5',
      '127.66.0.0',
      '127.127.255.254',
    ],
  )
  t.equal(localAddress(1, 6), 'fd7d:5d77::1')
  t.equal(localAddress(65_541, 6), 'fd7d:5d77::1:5')
})

t.test('a local address is written as the kernel writes that of a connection', async (t) => {
  const server = net.createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  for (const number of NUMBERS) {
    const client = net.connect(port, localAddress(number, 4))
    const [accepted] = (await once(server, 'connection')) as [net.Socket]
    t.equal(accepted.localAddress?.replace('::ffff:', ''), localAddress(number, 4))
    client.destroy()
    accepted.destroy()
    // RFC 5952, by the URL standard's serializer.
    t.equal(new URL(`http://[${localAddress(number, 6)}]/`).hostname, `[${localAddress(number, 6)}]`)
  }
  server.close()
})
