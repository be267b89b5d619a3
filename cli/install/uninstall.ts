// Takes the installation away, or says what is left of one.

import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { type ClusterOptions, connect } from '../connect.ts'
import { MANIFEST_FOLDER } from '../manifest-folder.ts'
import type { Session } from '../session.ts'
import { workThrough } from '../steps.ts'
import { timeoutOf } from './install.ts'
import { forkedObjects, podsWithSidecar } from './leftovers.ts'
import { refuseToRemove } from './obstacles.ts'
import { manifestDocuments, objectOf } from './manifest-set.ts'
import { UNINSTALL_MANAGER, presentOf, removalSteps } from './removal-steps.ts'

export interface UninstallOptions extends ClusterOptions {
  readonly timeout: string
}

const NAMED = 10

export async function uninstall(options: UninstallOptions, { signal, stdout, stderr }: Session): Promise<void> {
  const { client } = await connect(options, UNINSTALL_MANAGER)
  await refuseToRemove(client, signal)
  await workThrough(removalSteps(client, installed()), timeoutOf(options), stderr, signal)
  const pods = await podsWithSidecar(client, signal)
  stdout.write(`sidetrack is removed from ${client.server}\n${idleText(pods)}`)
}

/** Ends with exit code 1 if anything is left. */
export async function checkRemains(options: UninstallOptions, { signal, stdout, finish }: Session): Promise<void> {
  const { client } = await connect(options)
  const objects = await presentOf(client, installed(), signal)
  const forks = await forkedObjects(client, signal).catch(ifUnknown)
  const pods = await podsWithSidecar(client, signal)
  const left = [...objects, ...forks, ...pods.map((name) => `the sidecar in pod ${name}`)]
  if (left.length === 0) {
    stdout.write('nothing is left of sidetrack\n')
    return
  }
  stdout.write(`left of sidetrack:\n${left.map((name) => `  ${name}\n`).join('')}`)
  finish(1)
}

function installed(): readonly KubernetesObject[] {
  return manifestDocuments(MANIFEST_FOLDER, { monitoring: true }).map(objectOf)
}

function idleText(pods: readonly string[]): string {
  if (pods.length === 0) return ''
  const names = pods.slice(0, NAMED).map((name) => `  ${name}\n`)
  const more = pods.length > NAMED ? `  and ${pods.length - NAMED} more\n` : ''
  return `pods that keep an idle sidecar until they are restarted (kubectl rollout restart):\n${names.join('')}${more}`
}

function ifUnknown(error: unknown): readonly string[] {
  if (error instanceof KubernetesError && error.code === 'ST3011') return []
  throw error
}
