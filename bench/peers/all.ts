// Everything that can be compared, by name and in the order of the report.

import type { Peer } from '../peer.ts'
import { findTools, type Tool } from '../tools.ts'
import { direct } from './direct.ts'
import { envoy } from './envoy.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import { nodeProgram } from './node-program.ts'
import { sidetrack } from './sidetrack.ts'

export const PEER_NAMES = [
  'direct',
  'sidetrack',
  'haproxy',
  'nginx',
  'envoy',
  'http-proxy',
  'undici',
  'haproxy-unshared',
  'http-proxy-documented',
  'undici-dispatch',
  'node-http2',
] as const

export type PeerName = (typeof PEER_NAMES)[number]

/** Measured unless `--only` says otherwise: the others are variations for the curious. */
export const DEFAULT_PEERS: readonly PeerName[] = [...PEER_NAMES.slice(0, 7), 'node-http2']

const HTTP2_PEERS: ReadonlySet<PeerName> = new Set(['sidetrack', 'haproxy', 'node-http2'])

export function isHttp1Peer(name: PeerName): boolean {
  return name !== 'node-http2'
}

export function isHttp2Peer(name: PeerName): boolean {
  return HTTP2_PEERS.has(name)
}

/** Those of the names that are compared over HTTP/1.1. Throws MissingTools. */
export function http1Peers(names: readonly PeerName[]): readonly Peer[] {
  return names.filter(isHttp1Peer).map(peerNamed)
}

/** Those of the names that are compared over HTTP/2. Throws MissingTools. */
export function http2Peers(names: readonly PeerName[]): readonly Peer[] {
  return names.filter(isHttp2Peer).map((name) => (name === 'haproxy' ? haproxy(tool(name), 'http2') : peerNamed(name)))
}

function tool(name: Tool): string {
  return findTools([name])[name]
}

function peerNamed(name: PeerName): Peer {
  switch (name) {
    case 'direct':
      return direct
    case 'sidetrack':
      return sidetrack
    case 'haproxy':
      return haproxy(tool('haproxy'))
    case 'haproxy-unshared':
      return haproxy(tool('haproxy'), 'http1', 'never')
    case 'nginx':
      return nginx(tool('nginx'))
    case 'envoy':
      return envoy(tool('envoy'))
    case 'http-proxy':
      return nodeProgram(name, 'http-proxy-server', 'agent')
    case 'http-proxy-documented':
      return nodeProgram(name, 'http-proxy-server', 'documented')
    case 'undici':
      return nodeProgram(name, 'undici-server', 'request')
    case 'node-http2':
      return nodeProgram(name, 'node-http2-server', 'stream')
    case 'undici-dispatch':
      return nodeProgram(name, 'undici-server', 'dispatch')
  }
}
