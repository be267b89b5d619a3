// The routes file: what it may say, and where a fault is pointed at.

import t from 'tap'
import { entriesOf } from '../../agent/file/entries.ts'
import { parseRoutesFile } from '../../agent/file/routes-file.ts'

const GOOD = `services:
- name: cart
  listen: 127.0.0.1:7001
  baseline: 127.0.0.1:8001
  routes:
  - {key: pr-42, address: 127.0.0.1:8101}
  - {key: pr-43, addresses: ["127.0.0.1:8102", "[::1]:8103"], unready: baseline}
  - {key: pr-44, ready: false, reason: "image cannot be pulled"}
- name: pricing
  listen: "[::1]:7002"
  baseline: 127.0.0.1:8002
  sidecar: other
  protocol: unknown
sidecars:
- {name: other, routingKey: pr-42}
`

t.test('a good file says what each sidecar is to hold', async (t) => {
  const parsed = parseRoutesFile(GOOD)
  if (!('file' in parsed)) throw new Error(JSON.stringify(parsed.faults))
  const entries = entriesOf(parsed.file)
  t.strictSame([...entries.keys()], ['sidecar', 'other'])
  t.strictSame(
    [...(entries.get('sidecar')?.values() ?? [])],
    [
      {
        kind: 'destination',
        listen: '127.0.0.1:7001',
        service: 'cart',
        baseline: '127.0.0.1:8001',
        protocol: 'http',
        tables: ['cart'],
      },
      { kind: 'route', table: 'cart', key: 'pr-42', addresses: ['127.0.0.1:8101'] },
      { kind: 'route', table: 'cart', key: 'pr-43', addresses: ['127.0.0.1:8102', '[::1]:8103'], unready: 'baseline' },
      { kind: 'route', table: 'cart', key: 'pr-44', addresses: [], ready: false, reason: 'image cannot be pulled' },
    ],
  )
  t.strictSame(
    [...(entries.get('other')?.keys() ?? [])],
    ['own-key', 'destination [::1]:7002', 'key pr-42', 'key pr-43', 'key pr-44'],
  )
})

const service = (rest: string) =>
  `services:\n- name: cart\n  listen: 127.0.0.1:7001\n  baseline: 127.0.0.1:8001\n${rest}`

const BROKEN: readonly (readonly [fact: string, text: string, place: string, message: RegExp])[] = [
  ['an empty file', '', '1:1', /services/],
  ['a file that is no YAML', 'services: [', '1:12', /./],
  ['a tab for indentation', 'services:\n\t- name: cart\n', '2:1', /./],
  ['a list instead of a map', '- name: cart\n', '1:1', /services/],
  ['no services', 'services: []\n', '1:11', /at least one/],
  ['services that are no list', 'services: {a: 1}\n', '1:11', /must be a list/],
  ['a service that is no map', 'services:\n- cart\n', '2:3', /must be a map/],
  ['an unknown key at the top', service('listeners: []\n'), '5:1', /`listeners` is not known/],
  ['an unknown key of a service', service('  port: 80\n'), '5:3', /`port` is not known/],
  [
    'an unknown key of a route',
    service('  routes:\n  - {key: a, adress: 127.0.0.1:1, address: 127.0.0.1:1}\n'),
    '6:14',
    /`adress` is not known/,
  ],
  ['a missing name', 'services:\n- listen: 127.0.0.1:1\n  baseline: 127.0.0.1:2\n', '2:3', /`name` is missing/],
  ['a name in upper case', service('').replace('cart', 'Cart'), '2:9', /lower-case/],
  ['a missing baseline', 'services:\n- name: cart\n  listen: 127.0.0.1:1\n', '2:3', /`baseline: IP:PORT` is missing/],
  ['a host name for an address', service('').replace('127.0.0.1:8001', 'localhost:8001'), '4:13', /must be IP:PORT/],
  ['a port that is none', service('').replace(':8001', ':70000'), '4:13', /must be IP:PORT/],
  ['a listen without a value', service('').replace('127.0.0.1:7001', ''), '3:11', /`listen`/],
  ['an unknown protocol', service('  protocol: grpc\n'), '5:13', /http or unknown/],
  ['a route without a key', service('  routes:\n  - {address: 127.0.0.1:1}\n'), '6:5', /`key` is missing/],
  ['a key with a dot', service('  routes:\n  - {key: a.b, address: 127.0.0.1:1}\n'), '6:11', /routing key is/],
  ['a ready route without an address', service('  routes:\n  - {key: a}\n'), '6:5', /needs `address/],
  [
    'both address and addresses',
    service('  routes:\n  - {key: a, address: 127.0.0.1:1, addresses: ["127.0.0.1:2"]}\n'),
    '6:47',
    /not both/,
  ],
  ['an address that is none in a list', service('  routes:\n  - {key: a, addresses: [nowhere]}\n'), '6:26', /IP:PORT/],
  [
    'ready that is no truth value',
    service('  routes:\n  - {key: a, ready: maybe, address: 127.0.0.1:1}\n'),
    '6:21',
    /true or false/,
  ],
  [
    'unready that is neither',
    service('  routes:\n  - {key: a, unready: drop, address: 127.0.0.1:1}\n'),
    '6:23',
    /fail or baseline/,
  ],
  [
    'a second route for a key',
    service('  routes:\n  - {key: a, address: 127.0.0.1:1}\n  - {key: a, address: 127.0.0.1:2}\n'),
    '7:5',
    /second route/,
  ],
  [
    'a second service of that name',
    `${service('')}- {name: cart, listen: 127.0.0.1:1, baseline: 127.0.0.1:2}\n`,
    '5:10',
    /second service/,
  ],
  [
    'a second service on that address',
    `${service('')}- {name: b, listen: 127.0.0.1:7001, baseline: 127.0.0.1:2}\n`,
    '5:21',
    /second service/,
  ],
  ['a baseline that is the own listener', service('').replace(':8001', ':7001'), '2:3', /loop/],
  [
    'a loop over two services',
    `${service('').replace(':8001', ':7002')}- {name: b, listen: 127.0.0.1:7002, baseline: 127.0.0.1:7001}\n`,
    '2:3',
    /loop/,
  ],
  ['a loop through a route', service('  routes:\n  - {key: a, address: 127.0.0.1:7001}\n'), '2:3', /loop/],
  ['a sidecar without a key', `${service('')}sidecars:\n- {name: x}\n`, '6:3', /`routingKey` is missing/],
]

for (const [fact, text, place, message] of BROKEN) {
  t.test(`${fact} is refused with its place`, async (t) => {
    const parsed = parseRoutesFile(text)
    if (!('faults' in parsed)) throw new Error('it was accepted')
    const [first] = parsed.faults
    t.equal(`${first?.line}:${first?.column}`, place)
    t.match(first?.message, message)
  })
}

t.test('all faults are reported, in the order of the file', async (t) => {
  const parsed = parseRoutesFile(
    service('  protocol: x\n  routes:\n  - {key: "-", address: 127.0.0.1:1}\n').replace('cart', 'Cart'),
  )
  t.strictSame('faults' in parsed && parsed.faults.map(({ line }) => line), [2, 5, 7])
})
