// `sidetrack check`.

import { styleText } from 'node:util'
import type { Command } from 'commander'
import type { ClusterOptions } from '../connect.ts'
import type { Paint } from '../explain/link.ts'
import type { Session } from '../session.ts'

interface Options extends ClusterOptions {
  readonly pre?: boolean
}

export function define(command: Command, session: Session): void {
  command
    .option('--pre', 'before installing: whether it can be installed here, with your rights')
    .action(() => check(command.optsWithGlobals(), session))
}

/** Ends with exit code 1 if something is broken. */
async function check(options: Options, { signal, stdout, finish }: Session): Promise<void> {
  const { connect } = await import('../connect.ts')
  const { lookAtCluster, lookAtInstallation } = await import('../check/look.ts')
  const { clusterLinks } = await import('../check/cluster-links.ts')
  const { installationLinks } = await import('../check/installation-links.ts')
  const { rightsToInstall, rightsToUse } = await import('../check/rights.ts')
  const { linksText } = await import('../explain/link.ts')
  const { client, namespace } = await connect(options)
  const objects = await manifestObjects()
  const facts = await lookAtCluster(
    client,
    options.pre === true ? rightsToInstall(objects) : rightsToUse(namespace),
    signal,
  )
  const installation =
    options.pre === true ? [] : installationLinks(await lookAtInstallation(client, namespace, objects, signal), facts)
  const links = [...clusterLinks(facts), ...installation]
  const paint: Paint = (ink, sign) => styleText(ink, sign, { stream: stdout })
  stdout.write(linksText(links, paint))
  if (links.some(({ state }) => state === 'broken')) finish(1)
}

async function manifestObjects() {
  const { manifestDocuments, objectOf } = await import('../install/manifest-set.ts')
  const { MANIFEST_FOLDER } = await import('../manifest-folder.ts')
  return manifestDocuments(MANIFEST_FOLDER, {}).map(objectOf)
}
