// Names of what a sandbox is made of: `cart--pr-42`, short enough for every object and label that they end up in.

import { cut } from '../../kubernetes/label-value.ts'

/**
 * A StatefulSet's name and the hash of its revision become a label of its pods, which has 63 characters; other workloads keep to the same.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export const WORKLOAD_NAME_LENGTH = 52
/** RFC 1035 label. */
export const SERVICE_NAME_LENGTH = 63
/** RFC 1123 subdomain. */
export const OBJECT_NAME_LENGTH = 253
const SEPARATOR = '--'

/**
 * The name of `sandbox`'s fork of `baseline`, at most `length` characters without dots. It ends with a hash of both wherever it would be too
 * long, or could be that of another pair.
 */
export function forkName(baseline: string, sandbox: string, length: number): string {
  const name = `${baseline}${SEPARATOR}${sandbox}`.replaceAll('.', '-')
  const ambiguous = `${baseline}${sandbox}`.includes('.') || name.split(SEPARATOR).length > 2 || name.includes('---')
  return ambiguous || name.length > length ? cut(name, `${baseline}/${sandbox}`, length) : name
}

/** `name` itself or, if it is too long for an object's name, its beginning and a hash. */
export function objectName(name: string): string {
  return name.length > OBJECT_NAME_LENGTH ? cut(name, name, OBJECT_NAME_LENGTH) : name
}
