import t from 'tap'
import { formatAnswer, readReview } from '../../../controller/webhook/admission-review.ts'

const POD = { metadata: { name: 'cart' }, spec: { containers: [] } }
const REQUEST = {
  uid: 'u-1',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  operation: 'CREATE',
  namespace: 'shop',
  object: POD,
}
const review = (request: unknown, change: object = {}) =>
  JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request, ...change })

/** The answer as the API server reads it. */
function answer(injection: Parameters<typeof formatAnswer>[1]): unknown {
  return JSON.parse(formatAnswer('u-1', injection))
}

t.test('the pod of a CREATE is read', async (t) => {
  t.strictSame(readReview(review(REQUEST)), { uid: 'u-1', namespace: 'shop', pod: POD })
  t.strictSame(readReview(review({ ...REQUEST, dryRun: true })), { uid: 'u-1', namespace: 'shop', pod: POD }, 'dry-run')
})

const OTHERS: readonly [string, object][] = [
  ['an update', { operation: 'UPDATE' }],
  ['a deletion', { operation: 'DELETE', object: null }],
  ['a subresource', { subResource: 'eviction' }],
  ['another resource', { resource: { group: 'apps', version: 'v1', resource: 'deployments' } }],
  ['pods of another group', { resource: { group: 'metrics.k8s.io', version: 'v1', resource: 'pods' } }],
  ['no object', { object: undefined }],
  ['a list for an object', { object: [] }],
  ['no resource', { resource: undefined }],
]

for (const [name, change] of OTHERS) {
  t.test(`${name} is a question without a pod`, async (t) => {
    t.strictSame(readReview(review({ ...REQUEST, ...change })), { uid: 'u-1', namespace: 'shop' })
  })
}

const UNANSWERABLE: readonly [string, string][] = [
  ['nothing', ''],
  ['half of one', review(REQUEST).slice(0, -10)],
  ['null', 'null'],
  ['a number', '1'],
  ['a list', '[]'],
  ['another version', review(REQUEST, { apiVersion: 'admission.k8s.io/v1beta1' })],
  ['another kind', review(REQUEST, { kind: 'ConversionReview' })],
  ['a review without a request', review(undefined)],
  ['a review without a uid', review({ ...REQUEST, uid: undefined })],
  ['a review with an empty uid', review({ ...REQUEST, uid: '' })],
  ['an answer', review(undefined, { response: { uid: 'u-1', allowed: true } })],
]

for (const [name, text] of UNANSWERABLE) {
  t.test(`${name} cannot be answered`, async (t) => {
    t.equal(readReview(text), undefined)
  })
}

t.test('every answer allows', async (t) => {
  const frame = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
  t.strictSame(answer({ outcome: 'ignored' }), { ...frame, response: { uid: 'u-1', allowed: true } })
  t.strictSame(answer({ outcome: 'unchanged' }), { ...frame, response: { uid: 'u-1', allowed: true } })
  t.strictSame(answer({ outcome: 'injected', patch: [{ op: 'remove', path: '/x' }] }), {
    ...frame,
    response: {
      uid: 'u-1',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from('[{"op":"remove","path":"/x"}]').toString('base64'),
    },
  })
  t.match(answer({ outcome: 'refused', reason: 'no.', patch: [] }), {
    response: { allowed: true, warnings: ['sidetrack: this pod gets no sidecar: no.'] },
  })
})
