// RFC 9113 §6.9: WINDOW_UPDATE and flow control.

import { OK, POST } from '../../../fixtures/http2/fields.ts'
import {
  type Case,
  CODE,
  KEYED,
  answered,
  asked,
  breaks,
  data,
  head,
  last,
  posting,
  reset,
  severs,
  spoils,
  whole,
} from './case.ts'
import { SETTINGS_ACK, TYPE, frame, settings, windowUpdate } from './frames.ts'

const big = 'x'.repeat(16_000)
export const windows: readonly Case[] = [
  breaks('9113 §6.9', 'WINDOW_UPDATE of 0 for the connection ends it', CODE.protocol, [windowUpdate(0, 0)]),
  breaks('9113 §6.9', 'WINDOW_UPDATE of the reserved bit alone is one of 0', CODE.protocol, [
    windowUpdate(0, 0x8000_0000),
  ]),
  breaks('9113 §6.9', 'WINDOW_UPDATE of three bytes ends the connection', CODE.size, [frame(TYPE.window, 0, 0, 'abc')]),
  breaks('9113 §6.9', 'WINDOW_UPDATE of five bytes ends the connection', CODE.size, [
    frame(TYPE.window, 0, 0, 'abcde'),
  ]),
  breaks('9113 §6.9.1', 'a connection window above 2^31 - 1 ends the connection', CODE.flow, [
    windowUpdate(0, 0x7fff_ffff),
  ]),
  {
    rfc: '9113 §6.9',
    name: 'WINDOW_UPDATE of 0 on a stream is a stream error',
    steps: [
      ...asked,
      { send: [windowUpdate(1, 0)] },
      { gets: [reset(1, CODE.protocol)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §6.9.1',
    name: 'a stream window above 2^31 - 1 is a stream error',
    steps: [
      ...asked,
      { send: [windowUpdate(1, 0x7fff_ffff)] },
      { gets: [reset(1, CODE.flow)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  spoils('9113 §6.9', 'WINDOW_UPDATE of 0 of an upstream on a stream is a stream error', [windowUpdate(1, 0)]),
  {
    rfc: '9113 §6.9.1',
    name: 'a stream window above 2^31 - 1 of an upstream is a stream error',
    steps: [
      ...posting,
      { reply: [windowUpdate(1, 0x7fff_ffff)] },
      { answered: { id: 1, status: '502', code: 'ST1104' } },
      { sees: [reset(1, CODE.flow)] },
    ],
  },
  severs('9113 §6.9', 'WINDOW_UPDATE of 0 of an upstream for the connection ends it', CODE.protocol, [
    windowUpdate(0, 0),
  ]),
  severs('9113 §6.9.1', 'a connection window of an upstream above 2^31 - 1 ends the connection to it', CODE.flow, [
    windowUpdate(0, 0x7fff_ffff),
  ]),
  severs('9113 §6.9', 'WINDOW_UPDATE of an upstream of three bytes ends the connection to it', CODE.size, [
    frame(TYPE.window, 0, 0, 'abc'),
  ]),
  {
    rfc: '9113 §6.9.2',
    name: 'a client’s initial window of 0 holds DATA back, and HEADERS pass',
    settings: [[4, 0]],
    steps: [
      ...asked,
      { reply: [head(1, OK), last(1, 'ok')] },
      { gets: [head(1, OK)] },
      { send: [windowUpdate(1, 1)] },
      { gets: [data(1, 'o')] },
      { send: [windowUpdate(1, 1)] },
      { gets: [last(1, 'k')] },
    ],
  },
  {
    rfc: '9113 §6.9.2',
    name: 'an upstream’s initial window of 0 holds DATA back, and HEADERS pass',
    upstreamSettings: [[4, 0]],
    steps: [
      { send: [head(1, POST), last(1, 'hi')] },
      { sees: [head(1, POST)] },
      { reply: [windowUpdate(1, 2)] },
      { sees: [last(1, 'hi')] },
      ...answered,
    ],
  },
  {
    rfc: '9113 §6.9.1',
    name: 'an empty DATA with END_STREAM passes a window of 0',
    upstreamSettings: [[4, 0]],
    steps: [{ send: [head(1, POST), last(1)] }, { sees: [head(1, POST), last(1)] }, ...answered],
  },
  {
    rfc: '9113 §6.9.1',
    name: 'trailers pass a window of 0',
    settings: [[4, 0]],
    steps: [
      ...asked,
      { reply: [head(1, OK), whole(1, [['grpc-status', '0']])] },
      { gets: [head(1, OK), whole(1, [['grpc-status', '0']])] },
    ],
  },
  {
    rfc: '9113 §6.9.2',
    name: 'an initial window that shrinks makes windows negative',
    steps: [
      ...asked,
      { reply: [head(1, OK), data(1, big)] },
      { gets: [head(1, OK), data(1, big)] },
      { send: [settings([[4, 16_000]])] },
      { told: SETTINGS_ACK },
      { reply: [data(1, 'held', true)] },
      { send: [windowUpdate(1, 2)] },
      { gets: [data(1, 'he')] },
      { send: [settings([[4, 16_002]])] },
      { gets: [last(1, 'ld')] },
    ],
  },
  breaks(
    '9113 §6.9.2',
    'an initial window that makes a stream’s window too large ends the connection',
    CODE.flow,
    [windowUpdate(1, 0x7fff_0000), settings([[4, 0x7fff_ffff]])],
    asked,
  ),
  {
    rfc: '9113 §6.9.1',
    name: 'more DATA than a stream’s window are a stream error',
    steps: [
      ...posting,
      { send: [data(1, big), data(1, big), data(1, big), data(1, big), data(1, 'y'.repeat(1536))] },
      { sees: [data(1, big + big + big + big)] },
      { gets: [reset(1, CODE.flow)] },
      { sees: [reset(1, CODE.cancel)] },
    ],
  },
  {
    rfc: '9113 §6.9',
    name: 'a client’s credit reaches the upstream of its stream',
    steps: [
      { send: [whole(1, KEYED)] },
      { sees: [whole(1, KEYED)], at: 'pr-42' },
      { send: [windowUpdate(1, 777)] },
      { told: windowUpdate(1, 777), at: 'pr-42' },
      { send: [reset(1, CODE.cancel)] },
      { sees: [reset(1, CODE.cancel)], at: 'pr-42' },
    ],
  },
]
