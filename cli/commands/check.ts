// `sidetrack check`.

import { styleText } from 'node:util'
import type { Command } from 'commander'
import type { ClusterOptions } from '../connect.ts'
import type { Paint } from '../explain/link.ts'
import { type Format, formatOption, objectText } from '../output.ts'
import type { Session } from '../session.ts'
import { wrong } from '../wrong.ts'

interface Options extends ClusterOptions {
  readonly pre?: boolean
  readonly probe?: boolean
  readonly output?: Format
}

export function define(command: Command, session: Session): void {
  command
    .option('--pre', 'before installing: whether it can be installed here, with your rights')
    .option('--probe', 'send one request with a key through a sidecar to a fork, in a namespace made for it')
    .addOption(formatOption())
    .action(() => check(command.optsWithGlobals(), session))
}

/** Ends with exit code 1 if something is broken. */
async function check(options: Options, { signal, stdout, stderr, finish }: Session): Promise<void> {
  if (options.pre === true && options.probe === true)
    throw wrong('--probe needs an installation, and --pre comes before it')
  const { connect } = await import('../connect.ts')
  const { lookAtCluster, lookAtInstallation } = await import('../check/look.ts')
  const { clusterLinks } = await import('../check/cluster-links.ts')
  const { installationLinks } = await import('../check/installation-links.ts')
  const { rightsToInstall, rightsToUse } = await import('../check/rights.ts')
  const { linksObject, linksText } = await import('../explain/link.ts')
  const { client, namespace } = await connect(options)
  const objects = await manifestObjects()
  const facts = await lookAtCluster(
    client,
    options.pre === true ? rightsToInstall(objects) : rightsToUse(namespace),
    signal,
  )
  const found = options.pre === true ? undefined : await lookAtInstallation(client, namespace, objects, signal)
  const links = [...clusterLinks(facts), ...(found === undefined ? [] : installationLinks(found, facts))]
  const paint: Paint = (ink, sign) => styleText(ink, sign, { stream: stdout })
  const { output } = options
  if (output === undefined) stdout.write(linksText(links, paint))
  const image = found?.agent?.spec?.template.spec?.containers[0]?.image
  if (options.probe === true && image !== undefined) {
    const { probe } = await import('../check/probe.ts')
    const link = await probe(client, image, stderr, signal)
    if (output === undefined) stdout.write(linksText([link], paint))
    links.push(link)
  }
  if (output !== undefined) stdout.write(await objectText(linksObject(links), output))
  if (links.some(({ state }) => state === 'broken')) finish(1)
}

async function manifestObjects() {
  const { manifestDocuments, objectOf } = await import('../install/manifest-set.ts')
  const { MANIFEST_FOLDER } = await import('../manifest-folder.ts')
  return manifestDocuments(MANIFEST_FOLDER, {}).map(objectOf)
}
