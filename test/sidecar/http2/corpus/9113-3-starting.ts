// RFC 9113 §3.4 and §9.1: the connection preface of either side.

import { GET, OK } from '../../../fixtures/http2/fields.ts'
import { type Case, CODE, answered, asked, breaks, head, last, whole } from './case.ts'
import { ACK, PREFACE, SETTINGS_ACK, TYPE, frame, goaway, ping, settings, text, windowUpdate } from './frames.ts'

const none = { settings: 'none' } as const
const mute = { upstreamSettings: 'none' } as const

/** A client's preface that ends the connection before anything is opened. */
const starts = (name: string, code: number, ...frames: Parameters<typeof breaks>[3]): Case => ({
  ...breaks('9113 §3.4', name, code, frames),
  ...none,
})

/** A baseline whose first frame is not its SETTINGS: the request that waits becomes a 502. */
const begins = (name: string, code: number, ...frames: Parameters<typeof breaks>[3]): Case => ({
  rfc: '9113 §3.4',
  name,
  ...mute,
  steps: [
    { send: [whole(1, GET)] },
    { reply: frames },
    { answered: { id: 1, status: '502', code: 'ST1104' } },
    { goaway: code, at: 'baseline' },
  ],
})

export const starting: readonly Case[] = [
  { rfc: '9113 §3.4', name: 'a client need not wait for the server’s preface', steps: [...asked, ...answered] },
  {
    rfc: '9113 §3.4',
    name: 'an empty SETTINGS frame is a preface, and is acknowledged',
    ...none,
    steps: [{ send: [PREFACE, settings()] }, { told: SETTINGS_ACK }, ...asked, ...answered],
  },
  {
    rfc: '9113 §3.4',
    name: 'a preface with every setting there is and some that are not is one',
    settings: [
      [1, 65_536],
      [2, 0],
      [3, 100],
      [4, 1_000_000],
      [5, 1_048_576],
      [6, 16_384],
      [0xabcd, 7],
      [0, 1],
    ],
    steps: [{ told: SETTINGS_ACK }, ...asked, ...answered],
  },
  starts('HTTP/2 without SETTINGS ends with PROTOCOL_ERROR', CODE.protocol, PREFACE, ping()),
  starts('HEADERS in place of the first SETTINGS end the connection', CODE.protocol, PREFACE, whole(1, GET)),
  starts('an acknowledgement in place of the first SETTINGS ends the connection', CODE.protocol, PREFACE, SETTINGS_ACK),
  starts(
    'WINDOW_UPDATE in place of the first SETTINGS ends the connection',
    CODE.protocol,
    PREFACE,
    windowUpdate(0, 1),
  ),
  starts('GOAWAY in place of the first SETTINGS ends the connection', CODE.protocol, PREFACE, goaway(0, 0)),
  starts('first SETTINGS on a stream end the connection', CODE.protocol, PREFACE, frame(TYPE.settings, 0, 1)),
  {
    rfc: '9113 §3.4',
    name: 'a preface that breaks off in another byte is no HTTP/2',
    ...none,
    steps: [{ send: [text('PRI * HTTP/2.0\r\n\r\nSM\r\n\rX'), settings()] }, { closed: 'client' }],
  },
  {
    rfc: '9113 §3.4',
    name: 'a preface without its second half is no HTTP/2',
    ...none,
    steps: [{ send: [text('PRI * HTTP/2.0\r\n\r\n'), settings()] }, { closed: 'client' }],
  },
  starts('a second preface ends the connection', CODE.size, PREFACE, settings(), PREFACE),
  {
    rfc: '9113 §3.4',
    name: 'a server’s preface that comes late lets the request pass then',
    ...mute,
    steps: [{ send: [whole(1, GET)] }, { reply: [settings(), SETTINGS_ACK] }, { sees: [whole(1, GET)] }, ...answered],
  },
  begins('a server that begins with PING instead of SETTINGS is not one', CODE.protocol, ping()),
  begins('a server that begins with WINDOW_UPDATE instead of SETTINGS is not one', CODE.protocol, windowUpdate(0, 1)),
  begins('a server that begins with an acknowledgement is not one', CODE.protocol, SETTINGS_ACK, settings()),
  begins('a server that begins with GOAWAY instead of SETTINGS is not one', CODE.protocol, goaway(0, 0)),
  begins('a server that begins with a response is not one', CODE.protocol, head(1, OK), last(1, 'ok')),
  begins(
    'a server that speaks HTTP/1.1 is not one',
    CODE.size,
    text('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
  ),
  begins('a server whose SETTINGS stand on a stream is not one', CODE.protocol, frame(TYPE.settings, 0, 1)),
  {
    rfc: '9113 §3.4',
    name: 'the SETTINGS of a server are acknowledged',
    steps: [...asked, { told: SETTINGS_ACK, at: 'baseline' }, ...answered],
  },
  {
    rfc: '9113 §3.4',
    name: 'an acknowledgement of the sidecar’s SETTINGS changes nothing for requests',
    steps: [...asked, { send: [frame(TYPE.settings, ACK, 0)] }, ...answered],
  },
]
