// A probe: one request with a key and one without, sent by a pod with a sidecar to a Service with a fork, in a namespace of its own that goes again.

import { randomBytes } from 'node:crypto'
import { INJECT } from '../../core/annotations.ts'
import { NAMESPACE_LABEL, SANDBOX_VARIABLE } from '../../core/fork-marks.ts'
import type { Client } from '../../kubernetes/client.ts'
import { DEPLOYMENTS, NAMESPACES, PODS, SERVICES } from '../../kubernetes/resources/builtin.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { type Link, broken, holds } from '../explain/link.ts'
import { podTrouble } from '../install/rollout.ts'
import { headerOf } from '../sandbox/header.ts'
import { readiness } from '../sandbox/sentences.ts'
import { isTrue } from '../sandbox/status.ts'
import type { Screen } from '../session.ts'
import { type WorkStep, workThrough } from '../steps.ts'

const LIMIT_MS = 120_000
const NAME = 'probe'
const SECURITY = {
  pod: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  container: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
}

/** Answers who it is. */
const SERVER = `require('node:http').createServer((_, response) => response.end(process.env.${SANDBOX_VARIABLE} ?? 'baseline')).listen(8080)`

/** Says who answered with the key, and who without. */
const CALLER = `const ask = (headers) => fetch('http://${NAME}/', { headers }).then((answer) => answer.text(), String)
const header = ${JSON.stringify(headerOf(NAME))}.split(': ')
Promise.all([ask({ [header[0]]: header[1] }), ask({})]).then(([keyed, plain]) => console.log(JSON.stringify({ keyed, plain })))`

interface Answers {
  readonly keyed: string
  readonly plain: string
}

/** `image`: one that the nodes have and that has Node in it, the agents'. Nothing is left of it, whatever comes of it. */
export async function probe(client: Client, image: string, screen: Screen, signal: AbortSignal): Promise<Link> {
  const namespace = `sidetrack-check-${randomBytes(3).toString('hex')}`
  const answers: { said?: Answers } = {}
  try {
    await workThrough(probeSteps(client, namespace, image, answers), LIMIT_MS, screen, signal)
    return verdict(answers.said)
  } catch (error) {
    if (!(error instanceof SidetrackError)) throw error
    const isMissingRight = error instanceof KubernetesError && error.code === 'ST3004'
    return broken(
      isMissingRight ? 'a probe needs rights that you do not have' : 'the probe got stuck before it sent a request',
      isMissingRight ? 'have somebody run it who may create namespaces' : 'mend what the lines above name, then again',
      [error.message],
    )
  } finally {
    // Also when it was interrupted: the signal that says so is not given on.
    await client.delete(NAMESPACES, { name: namespace }).catch(() => undefined)
  }
}

function verdict(said: Answers | undefined): Link {
  const { keyed = 'nobody', plain = 'nobody' } = said ?? {}
  if (keyed === NAME && plain === 'baseline')
    return holds('a request with a key went to a fork, and one without to the baseline')
  return broken(
    keyed === 'baseline' ? 'a request with a key went to the baseline' : 'a request did not come to whom it was for',
    'kubectl -n sidetrack-system logs ds/sidetrack-agent',
    [`with the key answered: ${keyed}`, `without it: ${plain}`],
  )
}

function probeSteps(
  client: Client,
  namespace: string,
  image: string,
  answers: { said?: Answers },
): readonly WorkStep[] {
  const labels = { app: NAME }
  const container = (script: string) => ({
    name: NAME,
    image,
    command: ['node', '-e', script],
    securityContext: SECURITY.container,
  })
  return [
    {
      text: `namespace ${namespace} with a Service made`,
      work: async (signal) => {
        await client.create(
          NAMESPACES,
          { metadata: { name: namespace, labels: { [NAMESPACE_LABEL]: 'enabled' } } },
          signal,
        )
        const template = {
          metadata: { labels, annotations: { [INJECT]: 'true' } },
          spec: { securityContext: SECURITY.pod, terminationGracePeriodSeconds: 1, containers: [container(SERVER)] },
        }
        const spec = { selector: { matchLabels: labels }, template }
        await client.create(DEPLOYMENTS, { metadata: { name: NAME, namespace }, spec }, signal)
        const service = { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] }
        await client.create(SERVICES, { metadata: { name: NAME, namespace }, spec: service }, signal)
        return 'done'
      },
    },
    {
      text: 'its pod ready',
      work: async (signal) => {
        const { status } = await client.get(DEPLOYMENTS, { namespace, name: NAME }, signal)
        if ((status?.availableReplicas ?? 0) > 0) return 'done'
        const { items } = await client.list(PODS, { namespace }, signal)
        return { waitingFor: podTrouble(items) }
      },
    },
    {
      text: 'a sandbox with its fork ready',
      work: async (signal) => {
        const sandbox = await client.find(SANDBOXES, { namespace, name: NAME }, signal)
        if (sandbox !== undefined)
          return isTrue(sandbox, 'Ready') ? 'done' : { waitingFor: readiness(sandbox)[0] ?? '' }
        const fork = {
          of: { kind: 'Deployment' as const, name: NAME },
          env: [{ container: NAME, name: 'PROBE', value: '1' }],
        }
        await client.create(SANDBOXES, { metadata: { name: NAME, namespace }, spec: { forks: [fork] } }, signal)
        return { waitingFor: '' }
      },
    },
    {
      text: 'a request with its key sent, and one without',
      work: async (signal) => {
        const at = { namespace, name: 'caller' }
        const caller = await client.find(PODS, at, signal)
        if (caller === undefined) {
          const spec = { restartPolicy: 'Never', securityContext: SECURITY.pod, containers: [container(CALLER)] }
          await client.create(PODS, { metadata: { ...at, annotations: { [INJECT]: 'true' } }, spec }, signal)
          return { waitingFor: '' }
        }
        const { phase } = caller.status ?? {}
        if (phase !== 'Succeeded' && phase !== 'Failed') return { waitingFor: podTrouble([caller]) }
        answers.said = answersOf(await client.log(at, { container: NAME, lines: 5 }, signal))
        return 'done'
      },
    },
  ]
}

function answersOf(text: string): Answers {
  try {
    const said: Answers = JSON.parse(text)
    return said
  } catch {
    return { keyed: text.trim(), plain: '' }
  }
}
