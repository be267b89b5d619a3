// Takes a sidecar's connection: reads who it is, links it to the hub, and says what becomes of the link.

import type net from 'node:net'
import type { Hello } from '../core/wire.ts'
import type { Log } from '../runtime/log.ts'
import { VERSION } from '../runtime/version.ts'
import type { HopLog } from './hop-log.ts'
import type { Hub } from './hub.ts'
import { type LinkEvents, SidecarLink, readHello } from './sidecar-link.ts'

export interface Acceptance {
  readonly hub: Hub
  readonly log: Log
  readonly hops: HopLog
  /** Whom the hub takes the sidecar for; what it says of itself need not be true. Asked once, before its link gets a snapshot. */
  readonly nameOf: (hello: Hello) => string
  /** It is there, has confirmed a revision, or told its state. */
  readonly changed: (link: SidecarLink) => void
  /** Its connection has ended, and no newer one has taken its place. */
  readonly lost: (link: SidecarLink) => void
}

export function acceptSidecar(socket: net.Socket, { hub, log, hops, nameOf, changed, lost }: Acceptance): void {
  let link: SidecarLink | undefined
  const faulty = (error: unknown) =>
    log.error({ err: error, sidecar: link?.sidecar, code: 'ST2005' }, 'a sidecar sent what makes no sense')
  socket
    .on('error', () => {})
    .on('close', () => {
      if (link === undefined) return
      const current = hub.link(link.sidecar) === link
      hub.disconnect(link)
      log.info({ sidecar: link.sidecar, pid: link.hello.pid }, 'sidecar disconnected')
      if (current) lost(link)
    })
  readHello(
    socket,
    (hello) => {
      const name = nameOf(hello)
      if (hello.version !== VERSION)
        log.warn({ sidecar: name, version: hello.version, code: 'ST2005' }, 'a sidecar of another version')
      log.info({ sidecar: name, pid: hello.pid }, 'sidecar connected')
      const events: LinkEvents = {
        changed,
        traced: ({ sidecar }, hop) => hops.add(sidecar, hop),
        faulty: (_, error) => faulty(error),
      }
      link = hub.connect(name, (snapshot, revision) => new SidecarLink(socket, name, hello, snapshot, revision, events))
      changed(link)
      return link
    },
    faulty,
  )
}
