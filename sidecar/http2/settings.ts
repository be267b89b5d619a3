// SETTINGS frames (RFC 9113 §6.5): reading with every check of §6.5.2, and writing.

import { ConnectionError, ErrorCode } from './error-code.ts'
import { FRAME_HEADER, FrameType, MAX_WINDOW, frame } from './frame.ts'

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  /** RFC 8441 §3. */
  enableConnectProtocol: 8,
} as const

export const SETTINGS_ACK = frame(FrameType.settings, 1, 0, new Uint8Array(0))

/** What the sidecar acts on; undefined where the frame does not say. The others hold without it: a frame that fits anyone is never too large. */
export interface PeerSettings {
  maxConcurrentStreams?: number
  initialWindowSize?: number
  maxHeaderListSize?: number
  enableConnectProtocol?: boolean
}

/** Not for an acknowledgement. Later values of a setting replace earlier ones. */
export function readSettings(bytes: Buffer, at: number, length: number, from: 'client' | 'server'): PeerSettings {
  if (length % 6 !== 0) throw new ConnectionError(ErrorCode.frameSize, 'SETTINGS of a broken length')
  const settings: PeerSettings = {}
  for (let entry = at + FRAME_HEADER; entry < at + FRAME_HEADER + length; entry += 6) {
    const value = bytes.readUInt32BE(entry + 2)
    switch (bytes.readUInt16BE(entry)) {
      case Setting.enablePush:
        if (value > (from === 'client' ? 1 : 0)) throw invalid('ENABLE_PUSH', value)
        break
      case Setting.maxConcurrentStreams:
        settings.maxConcurrentStreams = value
        break
      case Setting.initialWindowSize:
        if (value > MAX_WINDOW) throw invalid('INITIAL_WINDOW_SIZE', value, ErrorCode.flowControl)
        settings.initialWindowSize = value
        break
      case Setting.maxFrameSize:
        if (value < 16_384 || value > 16_777_215) throw invalid('MAX_FRAME_SIZE', value)
        break
      case Setting.maxHeaderListSize:
        settings.maxHeaderListSize = value
        break
      case Setting.enableConnectProtocol:
        if (value > 1) throw invalid('ENABLE_CONNECT_PROTOCOL', value)
        settings.enableConnectProtocol = value === 1
        break
      default:
    }
  }
  return settings
}

export function settingsFrame(entries: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.allocUnsafe(entries.length * 6)
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * 6)
    payload.writeUInt32BE(value, index * 6 + 2)
  }
  return frame(FrameType.settings, 0, 0, payload)
}

function invalid(name: string, value: number, code: number = ErrorCode.protocol): ConnectionError {
  return new ConnectionError(code, `${name} ${value}`)
}
