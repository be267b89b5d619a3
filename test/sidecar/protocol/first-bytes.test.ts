// What first bytes are taken for, on declared and on undeclared ports.

import t from 'tap'
import { classify } from '../../../sidecar/protocol/first-bytes.ts'

const CASES: readonly (readonly [bytes: string, onUnknown: string, onHttp: string])[] = [
  ['GET / HTTP/1.1\r\n', 'http1', 'http1'],
  ['M-SEARCH * HTTP/1.1\r\n', 'http1', 'http1'],
  ['CONNECT shop:80 HTTP/1.1\r\n', 'http1', 'http1'],
  ['GET http://shop/ HTTP/1.1\r\n', 'http1', 'http1'],
  ['\r\nGET / HTTP/1.1\r\n', 'http1', 'http1'],
  ['', 'undecided', 'undecided'],
  ['\r\n', 'undecided', 'undecided'],
  ['\r\n'.repeat(32), 'undecided', 'undecided'],
  ['\r\n'.repeat(33), 'other', 'http1'],
  ['G', 'undecided', 'http1'],
  ['GET', 'undecided', 'http1'],
  ['GET ', 'undecided', 'http1'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2', 'http2'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0', 'http2', 'http2'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r', 'undecided', 'undecided'],
  ['P', 'undecided', 'undecided'],
  ['PRI * HTTP/1.1\r\n', 'http1', 'http1'],
  ['POST / HTTP/1.1\r\n', 'http1', 'http1'],
  ['\x16\x03\x01\x02\0\x01', 'other', 'other'],
  ['\x16', 'undecided', 'undecided'],
  ['\x16\x02', 'other', 'http1'],
  ['*1\r\n$4\r\nPING\r\n', 'other', 'http1'],
  ['PING\r\n', 'other', 'http1'],
  ['GET key\r\n', 'other', 'http1'],
  ['get key\r\n', 'other', 'http1'],
  ['SSH-2.0-OpenSSH_9\r\n', 'other', 'http1'],
  ['\0\0\0\x08\x04\xd2\x16\x2f', 'other', 'http1'],
  [' GET / HTTP/1.1\r\n', 'other', 'http1'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXY', 'other', 'http1'],
]

for (const [text, unknown, http] of CASES) {
  t.test(`${JSON.stringify(text)} is ${unknown} on an undeclared port and ${http} on a declared one`, async (t) => {
    t.equal(classify(Buffer.from(text, 'latin1'), 'unknown'), unknown)
    t.equal(classify(Buffer.from(text, 'latin1'), 'http'), http)
  })
}
