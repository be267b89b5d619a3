import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { readIdentities, writeIdentities } from '../../../controller/certificates/identity.ts'
import { mintIdentity } from '../../../controller/certificates/mint.ts'
import { ROTATION_TIMING } from '../../../controller/certificates/rotation.ts'

const NAMES = ['sidetrack-webhook.sidetrack-system.svc', '127.0.0.1', '::1']
const NOW = Date.parse('2026-06-15T12:00:00.5Z')
const DAY = 24 * 3_600_000

const of = (text: string) => Buffer.from(text).toString('base64')

t.test('an identity is certified for its names, from an hour ago, for thirty days', async (t) => {
  const identity = await mintIdentity(NAMES, ROTATION_TIMING, NOW)
  const leaf = new X509Certificate(identity.certificate)
  const authority = new X509Certificate(identity.authority)
  t.ok(leaf.verify(authority.publicKey))
  t.ok(leaf.checkIssued(authority))
  t.equal(leaf.ca, false)
  t.equal(authority.ca, true)
  t.strictSame(leaf.publicKey.asymmetricKeyDetails, { namedCurve: 'prime256v1' })
  t.match(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'for TLS servers')
  t.match(leaf.subjectAltName, /DNS:sidetrack-webhook\.sidetrack-system\.svc, IP Address:127\.0\.0\.1, IP Address:0:0:/)
  t.equal(leaf.validFromDate.toISOString(), '2026-06-15T11:00:00.000Z')
  t.equal(leaf.validToDate.getTime() - Math.floor(NOW / 1000) * 1000, 30 * DAY)
  t.equal(identity.from, leaf.validFromDate.getTime())
  t.equal(identity.to, leaf.validToDate.getTime())
})

t.test('two identities have authorities that nobody mistakes for each other', async (t) => {
  const [a, b] = await Promise.all([
    mintIdentity(NAMES, ROTATION_TIMING, NOW),
    mintIdentity(NAMES, ROTATION_TIMING, NOW + 1),
  ])
  const subjects = [a, b].map(({ authority }) => new X509Certificate(authority).subject)
  t.not(subjects[0], subjects[1])
  t.notOk(new X509Certificate(a.certificate).verify(new X509Certificate(b.authority).publicKey))
})

t.test('what a Secret keeps is read back, the oldest first', async (t) => {
  const old = await mintIdentity(NAMES, ROTATION_TIMING, NOW)
  const young = await mintIdentity(NAMES, ROTATION_TIMING, NOW + DAY)
  t.strictSame(readIdentities(writeIdentities([young, old]), NAMES), [old, young])
})

t.test('what is not whole in a Secret is passed over', async (t) => {
  const good = await mintIdentity(NAMES, ROTATION_TIMING, NOW)
  const other = await mintIdentity(NAMES, ROTATION_TIMING, NOW + 1)
  const named = (change: object) => readIdentities({ ...writeIdentities([good]), ...change }, NAMES)
  t.strictSame(named({}), [good])
  t.strictSame(named({ [`${good.id}.crt`]: undefined }), [], 'no certificate')
  t.strictSame(named({ [`${good.id}.key`]: of('x') }), [], 'no key')
  t.strictSame(named({ [`${good.id}.key`]: of(other.key) }), [], 'the key of another one')
  t.strictSame(named({ [`${good.id}.ca`]: of(other.authority) }), [], 'the authority of another one')
  t.strictSame(named({ 'tls.crt': of('x'), '.ca': 'x', readme: 'x' }), [good], 'keys of somebody else')
  t.strictSame(readIdentities(writeIdentities([good]), [...NAMES, 'renamed.svc']), [], 'not for this name')
  t.strictSame(readIdentities({}, NAMES), [])
})
