// Why the requests of a sandbox reach its forks, or which link of the chain is broken first.

import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { conditionOf } from '../sandbox/status.ts'
import { type Link, type Paint, broken, holds, linksText } from './link.ts'
import { sandboxLinks } from './sandbox-links.ts'
import { sidecarLinks } from './sidecar-links.ts'
import type { World } from './world.ts'

export interface Explanation {
  readonly links: readonly Link[]
  /** The first that is broken. */
  readonly broken: Link | undefined
}

export function explain(world: World): Explanation {
  const links = [...sandboxLinks(world), ...sidecarLinks(world), ...readyLinks(world.sandbox)]
  return { links, broken: links.find(({ state }) => state === 'broken') }
}

/** What the controller says last, in case it knows of something that cannot be seen here. */
function readyLinks(sandbox: Sandbox): readonly Link[] {
  const ready = conditionOf(sandbox, 'Ready')
  if (ready === undefined) return []
  if (ready.status === 'True') return [holds('the controller says that it is ready')]
  const mend = 'wait if it has only just changed; else kubectl -n sidetrack-system logs deploy/sidetrack-controller'
  return [broken(`the controller says that it is not ready: ${ready.reason}`, mend, ready.message.split('\n'))]
}

/** `paint` colours signs where somebody sees it. Ends with a newline. */
export function explanationText({ links, broken: first }: Explanation, paint: Paint): string {
  return `${linksText(links, paint)}\n${conclusion(links, first)}\n`
}

function conclusion(links: readonly Link[], first: Link | undefined): string {
  if (first !== undefined) return `First broken link: ${first.text}\n→ ${first.mend ?? ''}`
  const what = links.some(({ state }) => state === 'unseen') ? 'What can be seen of the chain holds' : 'The chain holds'
  return `${what}: a request with the key goes to the forks. If one does not, its key got lost on the\nway, in a service that drops the baggage header: sidetrack trace URL --key KEY says which one.`
}
