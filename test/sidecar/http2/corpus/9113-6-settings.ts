// RFC 9113 §6.5: SETTINGS.

import { type Case, CODE, answered, asked, breaks, ignores, severs } from './case.ts'
import { ACK, SETTINGS_ACK, TYPE, frame, settings } from './frames.ts'

const setting = (name: string, code: number, id: number, value: number): readonly Case[] => [
  breaks('9113 §6.5.2', `${name} ends the connection`, code, [settings([[id, value]])]),
  severs('9113 §6.5.2', `${name} of an upstream ends the connection to it`, code, [settings([[id, value]])]),
]

export const settingsFrames: readonly Case[] = [
  {
    rfc: '9113 §6.5',
    name: 'SETTINGS in mid-connection are acknowledged',
    steps: [...asked, { send: [settings([[3, 7]])] }, { told: SETTINGS_ACK }, ...answered],
  },
  breaks('9113 §6.5', 'SETTINGS on a stream end the connection', CODE.protocol, [frame(TYPE.settings, 0, 1)], asked),
  breaks('9113 §6.5', 'SETTINGS of five bytes end the connection', CODE.size, [frame(TYPE.settings, 0, 0, 'abcde')]),
  breaks('9113 §6.5', 'an acknowledgement with a payload ends the connection', CODE.size, [
    frame(TYPE.settings, ACK, 0, Buffer.alloc(6)),
  ]),
  breaks(
    '9113 §6.5',
    'an acknowledgement on a stream ends the connection',
    CODE.protocol,
    [frame(TYPE.settings, ACK, 1)],
    asked,
  ),
  severs('9113 §6.5', 'SETTINGS of an upstream on a stream end the connection to it', CODE.protocol, [
    frame(TYPE.settings, 0, 1),
  ]),
  severs('9113 §6.5', 'SETTINGS of an upstream of five bytes end the connection to it', CODE.size, [
    frame(TYPE.settings, 0, 0, 'abcde'),
  ]),
  severs('9113 §6.5', 'an acknowledgement of an upstream with a payload ends the connection to it', CODE.size, [
    frame(TYPE.settings, ACK, 0, Buffer.alloc(6)),
  ]),
  severs('9113 §6.5', 'an acknowledgement of an upstream on a stream ends the connection to it', CODE.protocol, [
    frame(TYPE.settings, ACK, 1),
  ]),
  ...setting('ENABLE_PUSH 2', CODE.protocol, 2, 2),
  ...setting('INITIAL_WINDOW_SIZE 2^31', CODE.flow, 4, 0x8000_0000),
  ...setting('MAX_FRAME_SIZE 16,383', CODE.protocol, 5, 16_383),
  ...setting('MAX_FRAME_SIZE 2^24', CODE.protocol, 5, 0x100_0000),
  ...setting('ENABLE_CONNECT_PROTOCOL 2', CODE.protocol, 8, 2),
  severs('9113 §6.5.2', 'ENABLE_PUSH 1 of an upstream ends the connection to it', CODE.protocol, [settings([[2, 1]])]),
  ignores('9113 §6.5.2', 'ENABLE_PUSH 1 of a client promises nothing', [settings([[2, 1]])]),
  ignores('9113 §6.5.2', 'an unknown setting is ignored', [
    settings([
      [0x1234, 0xffff_ffff],
      [0, 0],
    ]),
  ]),
  ignores('9113 §6.5.3', 'the last value of a setting that comes twice counts', [
    settings([
      [4, 0],
      [4, 65_535],
    ]),
  ]),
  {
    rfc: '9113 §6.5.2',
    name: 'a client that allows no stream at once still gets its answers',
    settings: [[3, 0]],
    steps: [...asked, ...answered],
  },
  {
    rfc: '9113 §6.5.2',
    name: 'a client’s ENABLE_PUSH is not passed on: upstreams must not push',
    settings: [[2, 1]],
    steps: [...asked, ...answered],
  },
]
