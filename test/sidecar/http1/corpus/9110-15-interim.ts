// RFC 9110 §10.1.1 and §15.2: Expect and interim responses.

import { type Case, OK, type Step, get, head, passes, probe } from './case.ts'

const two: readonly Step[] = [{ reply: OK }, { gets: OK }]
const SWITCHED = head('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade')
const INTERIM = 'HTTP/1.1 100 Continue\r\n\r\n'
const EXPECT = head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Expect: 100-continue')
const HINTS = head('HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload')

export const interim: readonly Case[] = [
  {
    rfc: '9110 §10.1.1',
    name: 'Expect is forwarded at once, and 100 comes from the upstream',
    steps: [
      { send: EXPECT },
      { sees: EXPECT },
      { reply: INTERIM },
      { gets: INTERIM },
      { send: 'hello' },
      { sees: 'hello' },
      ...two,
      ...probe(),
    ],
  },
  {
    rfc: '9110 §10.1.1',
    name: 'a client that does not wait for 100 is not held up',
    steps: [
      { send: `${EXPECT}hello` },
      { sees: `${EXPECT}hello` },
      { reply: INTERIM + OK },
      { gets: INTERIM + OK },
      ...probe(),
    ],
  },
  {
    rfc: '9110 §10.1.1',
    name: 'a final answer in place of 100 passes before the body does',
    steps: [
      { send: EXPECT },
      { sees: EXPECT },
      { reply: head('HTTP/1.1 417 No', 'Content-Length: 0') },
      { gets: head('HTTP/1.1 417 No', 'Content-Length: 0') },
      { send: 'hello' },
      { sees: 'hello' },
      ...probe(),
    ],
  },
  passes('9110 §10.1.1', 'another expectation is left to the upstream', get('Expect: nonsense')),
  passes('9110 §15.2', '103 passes before the final response', get(), { reply: HINTS + OK }),
  passes('9110 §15.2', 'several interim responses pass', get(), {
    reply: INTERIM + HINTS + head('HTTP/1.1 102 Processing') + OK,
  }),
  passes('9110 §15.2', 'an interim response of an unknown status passes', get(), {
    reply: head('HTTP/1.1 199 Soon', 'X: 1') + OK,
  }),
  passes('9110 §8.6', 'a length in an interim response is no body, and is taken out', get(), {
    reply: head('HTTP/1.1 104 Upload Resumption', 'X: 1', 'Content-Length: 5', 'content-length : 6') + OK,
    gets: head('HTTP/1.1 104 Upload Resumption', 'X: 1') + OK,
  }),
  passes('9112 §6.1', 'a Transfer-Encoding in an interim response is no body, and is taken out', get(), {
    reply: head('HTTP/1.1 199 Soon', 'Transfer-Encoding: chunked', 'X: 1') + OK,
    gets: head('HTTP/1.1 199 Soon', 'X: 1') + OK,
  }),
  passes('9112 §5.1', 'white space before a colon of an interim response is taken out', get(), {
    reply: head('HTTP/1.1 103 Early Hints', 'Link : </a.css>') + OK,
    gets: head('HTTP/1.1 103 Early Hints', 'Link: </a.css>') + OK,
  }),
  {
    rfc: '9110 §15.2',
    name: 'an interim response passes before the final one comes',
    steps: [{ send: get() }, { sees: get() }, { reply: HINTS }, { gets: HINTS }, ...two, ...probe()],
  },
  {
    rfc: '9110 §15.2.2',
    name: 'a switch of protocols that nobody asked for is refused',
    steps: [
      { send: get() },
      { sees: get() },
      { reply: SWITCHED },
      { refused: { status: 502, code: 'ST1104' } },
      { closed: 'client' },
    ],
  },
]
