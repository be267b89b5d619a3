// The user of a pod's sidecar where the platform gives each namespace a range of users to choose from (OpenShift).

/** `FIRST/COUNT` or `FIRST-LAST`, several of them separated by commas; of the namespace. */
export const UID_RANGE = 'openshift.io/sa.scc.uid-range'

const RANGE = /^(\d+)(?:\/(\d+)|-(\d+))$/
const MAX_UID = 2 ** 31 - 1

/**
 * The last user of the first range: the platform gives apps the first one. Without a range, `fallback`.
 * https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/authentication_and_authorization/managing-pod-security-policies
 */
export function sidecarUid(range: string | undefined, fallback: number): number | { reason: string } {
  if (range === undefined) return fallback
  const match = RANGE.exec(range.split(',', 1)[0]?.trim() ?? '')
  if (match === null) return { reason: `its namespace's ${UID_RANGE} is not a range of users.` }
  const first = Number(match[1])
  const last = match[2] === undefined ? Number(match[3]) : first + Number(match[2]) - 1
  if (last > MAX_UID || last <= first)
    return { reason: `its namespace's ${UID_RANGE} has no second user, for the sidecar.` }
  return last
}
