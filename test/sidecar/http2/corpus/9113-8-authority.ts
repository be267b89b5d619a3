// RFC 9113 §8.3.1: :authority and Host.

import { GET, having, plus, without } from '../../../fixtures/http2/fields.ts'
import { type Case, malformed, passes } from './case.ts'

const bad = (text: string): Case =>
  malformed('9113 §8.3.1', `the authority ${JSON.stringify(text)} is malformed`, having(GET, ':authority', text))
const good = (text: string): Case =>
  passes('9113 §8.3.1', `the authority ${JSON.stringify(text)} passes as it is`, having(GET, ':authority', text))
const both = (name: string, authority: string, host: string, scheme = 'http'): Case =>
  passes('9113 §8.3.1', name, plus(having(having(GET, ':authority', authority), ':scheme', scheme), ['host', host]))
const apart = (name: string, authority: string, ...hosts: readonly string[]): Case =>
  malformed(
    '9113 §8.3.1',
    name,
    plus(having(GET, ':authority', authority), ...hosts.map((host) => ['host', host] as const)),
  )

export const authorities: readonly Case[] = [
  ...[
    'shop:8080',
    'shop:',
    '10.0.0.1',
    '[::1]',
    '[fd00::7]:8080',
    'a_b',
    'Shop.Example.',
    'a%20b',
    "a!$&'()*+;=b",
    'xn--e1a',
  ].map(good),
  ...[
    'me@shop',
    'me:secret@shop',
    'shop/',
    'shop/cart',
    'http://shop',
    'shop cart',
    ' shop',
    'shop\t',
    'shop?x',
    'shop#x',
    'shop\\x',
    'a,b',
    'a, b',
    'shop:x',
    'shop:80:80',
    'shop:65536',
    'shop:-1',
    ':80',
    ':',
    '[',
    '[]',
    '[::1',
    '::1',
    '[::1]x',
    '[::1]:x',
    '[1.2.3.4]',
    'a%',
    'a%zz',
    '"a"',
    '<a>',
    'a|b',
    'a^b',
    '{a}',
    '\xe9',
    'shop\0',
  ].map(bad),
  malformed('9110 §7.2', 'a request of http without authority and host is malformed', without(GET, ':authority')),
  passes('9113 §8.3.1', 'a host without an authority passes', plus(without(GET, ':authority'), ['host', 'shop'])),
  both('a host that is the authority passes', 'shop', 'shop'),
  both('a host that is the authority in another case passes', 'shop', 'SHOP'),
  both('a host with the port that http has anyway passes', 'shop', 'shop:80'),
  both('an authority with the port that http has anyway passes', 'shop:80', 'shop'),
  both('an authority with an empty port passes beside a host without one', 'shop:', 'shop'),
  both('a host with the port that https has anyway passes', 'shop', 'shop:443', 'https'),
  apart('a host that is another one is malformed', 'shop', 'other'),
  apart('a host with another port is malformed', 'shop', 'shop:81'),
  apart('a host with the port of another scheme is malformed', 'shop', 'shop:443'),
  apart('a host that only begins alike is malformed', 'shop', 'shop.example'),
  apart('two hosts are malformed', 'shop', 'shop', 'shop'),
  apart('an empty host beside an authority is malformed', 'shop', ''),
  malformed('9113 §8.3.1', 'an empty host is malformed', plus(without(GET, ':authority'), ['host', ''])),
  malformed('9113 §8.3.1', 'a host with a path is malformed', plus(without(GET, ':authority'), ['host', 'shop/x'])),
  malformed('9113 §8.3.1', 'a host of two names is malformed', plus(without(GET, ':authority'), ['host', 'a, b'])),
  malformed(
    '9110 §7.2',
    'two hosts without an authority are malformed',
    plus(without(GET, ':authority'), ['host', 'a'], ['host', 'a']),
  ),
  malformed(
    '9110 §4.2.4',
    'a host with user information is malformed',
    plus(without(GET, ':authority'), ['host', 'me@shop']),
  ),
]
