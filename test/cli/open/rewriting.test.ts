import t from 'tap'
import { localCookie, localLocation, requestHeaders } from '../../../cli/open/rewriting.ts'

const ORIGINS = { local: 'http://127.0.0.1:4711', site: 'https://shop.example' }

type Headers = Readonly<Record<string, string>>

const REQUESTS: readonly [fact: string, before: Headers, changed: Headers][] = [
  ['no baggage', {}, { baggage: 'sidetrack=pr-42' }],
  ['baggage of the page stays', { baggage: 'a=1' }, { baggage: 'a=1,sidetrack=pr-42' }],
  ['a key of the page gives way', { baggage: 'sidetrack=x,a=1' }, { baggage: 'a=1,sidetrack=pr-42' }],
  [
    "the proxy's own origin becomes the site's",
    { origin: 'http://127.0.0.1:4711', referer: 'http://127.0.0.1:4711/a?b' },
    { baggage: 'sidetrack=pr-42', origin: 'https://shop.example', referer: 'https://shop.example/a?b' },
  ],
  [
    'another origin stays',
    { origin: 'https://other.example', referer: 'http://127.0.0.1:47110/' },
    { baggage: 'sidetrack=pr-42' },
  ],
]

for (const [fact, before, changed] of REQUESTS) {
  t.test(`a request: ${fact}`, async (t) => t.strictSame(requestHeaders(before, 'pr-42', ORIGINS), changed))
}

const LOCATIONS: Headers = {
  'https://shop.example/login?next=/': 'http://127.0.0.1:4711/login?next=/',
  'https://shop.example': 'http://127.0.0.1:4711',
  '/login': '/login',
  'https://shop.example.org/': 'https://shop.example.org/',
  'https://login.example/': 'https://login.example/',
}

for (const [before, after] of Object.entries(LOCATIONS)) {
  t.test(`a redirect to ${before} leads to ${after}`, async (t) => t.equal(localLocation(before, ORIGINS), after))
}

const COOKIES: Headers = {
  'a=1': 'a=1',
  'a=1; Path=/; Secure; HttpOnly; Domain=shop.example': 'a=1; Path=/; HttpOnly',
  'a=1; SameSite=None; secure': 'a=1; SameSite=Lax',
  'a=1; SameSite=Strict': 'a=1; SameSite=Strict',
  'domain=1; domain=x': 'domain=1',
}

for (const [before, after] of Object.entries(COOKIES)) {
  t.test(`the cookie ${before} becomes ${after}`, async (t) => t.equal(localCookie(before), after))
}
