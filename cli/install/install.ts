// Prints, applies and renews the installation.

import { parseDuration } from '../../core/duration.ts'
import { DEPLOYMENTS } from '../../kubernetes/resources/builtin.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { VERSION } from '../../runtime/version.ts'
import { type ClusterOptions, connect } from '../connect.ts'
import { MANIFEST_FOLDER } from '../manifest-folder.ts'
import type { Session } from '../session.ts'
import { workThrough } from '../steps.ts'
import { readInput } from '../text-input.ts'
import { wrong } from '../wrong.ts'
import { applySteps } from './apply-steps.ts'
import { CONTROLLER } from './installation.ts'
import { manifestDocuments, manifestText, objectOf } from './manifest-set.ts'
import { refuseObstacles } from './obstacles.ts'
import { UNINSTALL_MANAGER, stay } from './removal-steps.ts'
import { type Values, valuesFrom } from './values.ts'

export interface InstallOptions extends ClusterOptions {
  readonly registry?: string
  readonly tag?: string
  readonly values?: string
  readonly timeout: string
}

export async function printManifests(options: InstallOptions, session: Session): Promise<void> {
  session.stdout.write(manifestText(manifestDocuments(MANIFEST_FOLDER, await valuesOf(options, session))))
}

/** Throws ST4010 if there is another installation, or one that somebody else keeps. */
export async function install(options: InstallOptions, session: Session): Promise<void> {
  const objects = manifestDocuments(MANIFEST_FOLDER, await valuesOf(options, session)).map(objectOf)
  const timeoutMs = timeoutOf(options)
  const { client } = await connect(options)
  const { client: uninstaller } = await connect(options, UNINSTALL_MANAGER)
  await refuseObstacles(client, session.signal)
  await stay(uninstaller, session.signal)
  await workThrough(applySteps(client, objects), timeoutMs, session.stderr, session.signal)
  session.stdout.write(`sidetrack ${VERSION} is installed in ${client.server}\n`)
}

/** Throws ST4007 if there is nothing to renew. */
export async function upgrade(options: InstallOptions, session: Session): Promise<void> {
  const { client } = await connect(options)
  const before = await client.find(DEPLOYMENTS, CONTROLLER, session.signal)
  if (before === undefined) throw new SidetrackError('ST4007', `there is no Sidetrack in ${client.server} to upgrade`)
  const image = before.spec?.template.spec?.containers[0]?.image ?? 'an unknown image'
  session.stderr.write(`from ${image} to version ${options.tag ?? VERSION}\n`)
  await install(options, session)
}

async function valuesOf({ registry, tag, values }: InstallOptions, { stdin }: Session): Promise<Values> {
  const flags = { ...(registry === undefined ? {} : { registry }), ...(tag === undefined ? {} : { tag }) }
  if (values === undefined) return valuesFrom(flags, undefined)
  const { parseDocument } = await import('yaml')
  const document = parseDocument(await readInput(values, stdin))
  const [fault] = document.errors
  if (fault !== undefined) throw wrong(`${values} is no YAML: ${fault.message.split('\n')[0] ?? ''}`)
  return valuesFrom(flags, document.toJS())
}

export function timeoutOf({ timeout }: { readonly timeout: string }): number {
  const timeoutMs = parseDuration(timeout)
  if (timeoutMs === undefined) throw wrong(`--timeout ${timeout} is no duration like 90s or 5m`)
  return timeoutMs
}
