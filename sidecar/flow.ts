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

/** Bytes that wait in this process on their way out. On their way in none do: a socket with `onread` is not read once it is paused. */
export function waiting(socket: net.Socket): number {
  return socket.destroyed ? 0 : socket.writableLength
}
