// How a session to an upstream begins: whom it dials, how long it waits for that, and what it says first.

import type { Socket } from 'node:net'
import type { Address } from '../../core/address.ts'
import type { Downstream } from './downstream.ts'
import { DEFAULT_WINDOW, PREFACE, windowUpdate } from './frame.ts'
import type { Link } from './link.ts'
import { Setting, settingsFrame } from './settings.ts'

export interface Opening {
  /** Tried in this order; the first one that accepts is it. */
  readonly order: readonly Address[]
  /** A fork that accepts nothing within `connectMs` is given up; a baseline gets the kernel's own time, as without the sidecar. */
  readonly isFork: boolean
  /** Gets what is read, as its own. */
  readonly take: (bytes: Buffer) => void
  /** Called with each address before it is tried. */
  readonly attempt: (address: Address) => void
}

export function dialUpstream({ context }: Downstream, { order, isFork, take, attempt }: Opening): Socket {
  const { limits, dialer, readBuffer } = context
  const onread = readBuffer.onread(take, () => socket)
  const socket: Socket = dialer.dialFirst(order, { onread }, attempt)
  if (!isFork) return socket
  const giveUp = (): void => void socket.destroy(new Error(`no connection within ${limits.connectMs} ms`))
  const timer = setTimeout(giveUp, limits.connectMs)
  return socket.once('connect', () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
}

/** RFC 9113 §3.4: the preface and SETTINGS. No table is kept for its header blocks; windows and sizes are the client's own. */
export function greetUpstream(link: Link, client: Downstream): void {
  link.send(PREFACE)
  link.send(
    settingsFrame([
      [Setting.headerTableSize, 0],
      [Setting.enablePush, 0],
      [Setting.initialWindowSize, client.clientWindow],
      [Setting.maxHeaderListSize, client.maxHeaderListSize],
    ]),
  )
  link.send(windowUpdate(0, client.context.limits.connectionWindow - DEFAULT_WINDOW))
}
