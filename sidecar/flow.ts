// The flow of bytes between two sockets: whoever sends is read no faster than the other side takes it.

import type net from 'node:net'

/**
 * For every socket of the data path: nothing is read ahead into a paused one, and each write that the kernel does not take at once says so.
 * Node's own 64 KiB would let 65,536 chunks of a byte gather in each direction, at 300 bytes of memory each.
 */
export const HIGH_WATER_MARK = 1

/** Writes; false if some of it waits in this process now: then `drain` will come. */
export function writeAll(socket: net.Socket, bytes: Buffer): boolean {
  return socket.write(bytes) || socket.writableLength === 0
}

/** Node reads one more time from a socket that is paused, unless it was opened with `onread`: so much at most. */
export const READ_AHEAD = 64 * 1024

/** Bytes that wait in this process on their way out. */
export function waitingToGo(socket: net.Socket): number {
  return socket.destroyed ? 0 : socket.writableLength
}

/** The same and on their way in; of a socket without `onread`. */
export function waiting(socket: net.Socket): number {
  if (socket.destroyed) return 0
  return socket.writableLength + (socket.isPaused() ? READ_AHEAD : socket.readableLength)
}
