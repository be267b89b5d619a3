// Reads an AdmissionReview and writes its answer, which allows in every case: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/

import type { Injection } from './injection.ts'
import type { Pod } from './pod.ts'

/** What the API server asks about. */
export interface AdmissionRequest {
  /** Identifies the question; the answer repeats it. */
  readonly uid: string
  readonly namespace: string
  /** The new pod; undefined if it is about anything else, which is let through. */
  readonly pod?: Pod
}

const API_VERSION = 'admission.k8s.io/v1'
/** The API server may cut warnings that are longer. */
const LONGEST_WARNING = 256

/** Undefined if it is no AdmissionReview that can be answered. */
export function readReview(text: string): AdmissionRequest | undefined {
  const review = asObject(parse(text))
  const request = asObject(review?.['request'])
  const uid = request?.['uid']
  if (review?.['apiVersion'] !== API_VERSION || review['kind'] !== 'AdmissionReview') return undefined
  if (request === undefined || typeof uid !== 'string' || uid === '') return undefined
  const namespace = typeof request['namespace'] === 'string' ? request['namespace'] : ''
  const resource = asObject(request['resource'])
  const object = asObject(request['object'])
  const isNewPod =
    request['operation'] === 'CREATE' &&
    resource?.['group'] === '' &&
    resource['resource'] === 'pods' &&
    (request['subResource'] ?? '') === ''
  return isNewPod && object !== undefined ? { uid, namespace, pod: object } : { uid, namespace }
}

export function formatAnswer(uid: string, injection: Injection): string {
  const { patch, warnings } = content(injection)
  return JSON.stringify({
    apiVersion: API_VERSION,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: true,
      ...(patch === undefined
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
      ...(warnings === undefined ? {} : { warnings }),
    },
  })
}

function content(injection: Injection) {
  switch (injection.outcome) {
    case 'ignored':
    case 'unchanged':
      return {}
    case 'injected':
      return { patch: injection.patch }
    case 'refused': {
      const warning = `sidetrack: this pod gets no sidecar: ${injection.reason}`
      return { patch: injection.patch, warnings: [warning.slice(0, LONGEST_WARNING)] }
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object that is not an array is a record
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as never) : undefined
}
