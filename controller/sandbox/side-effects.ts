// Signs that a fork does more than answer requests: it would take work from the baseline, or change what both share.

import type { Container, EnvVar, PodSpec } from '../../kubernetes/resources/pod-template.ts'
import { containersOf } from './container-changes.ts'
import { type Warning, listed } from './finding.ts'

interface Sign {
  readonly reason: string
  /** Goes on after the containers and what they have: `Container cart (GROUP_ID) …`. */
  readonly message: string
  /** Names of variables that are not set to no. */
  readonly variable?: RegExp
  /** In the name, the image, the command and the arguments. */
  readonly text?: RegExp
}

const SIGNS: readonly Sign[] = [
  {
    reason: 'JoinsConsumerGroup',
    message:
      "seems to consume from a queue as a member of the baseline's group: the fork would take messages away from it. Give the fork another group or subscription, or none.",
    variable:
      /(^|_)(CONSUMER_GROUP|CONSUMER_GROUP_ID|GROUP_ID|KAFKA_GROUP|STREAMS_APPLICATION_ID|APPLICATION_ID_CONFIG|SUBSCRIPTION|SUBSCRIPTION_(ID|NAME)|SQS_QUEUE_URL|QUEUE_URL|DURABLE_NAME|CELERY_BROKER_URL)$/i,
    text: /--?(consumer[-.]group|group[-.]?id|kafka[-.]group)\b|\b(sidekiq|celery\b.*\bworker|rq worker|resque:work|queue:work)\b/i,
  },
  {
    reason: 'JoinsLeaderElection',
    message:
      "seems to take part in the baseline's leader election: the fork could become the leader. Switch it off or give it another lease.",
    variable:
      /(^|_)(LEADER_ELECT(ION)?|LEADER_ELECTION_(ID|ENABLED|NAMESPACE|LEASE)|ENABLE_LEADER_ELECTION|LOCK_NAME|LEASE_NAME)$/i,
    text: /--?(enable-)?leader[-.]elect(ion)?\b(?!=false)/i,
  },
  {
    reason: 'RunsMigrations',
    message:
      'seems to change the database at start: the baseline shares it. Switch it off, or give the fork a database of its own.',
    variable:
      /(^|_)((RUN|AUTO|DB|DATABASE|APPLY|ENABLE)_?MIGRATIONS?|(RUN|AUTO|DB|DATABASE)_?MIGRATE|MIGRATE_ON_START(UP)?|(SPRING_)?(FLYWAY|LIQUIBASE)_ENABLED|SPRING_JPA_HIBERNATE_DDL_AUTO)$/i,
    text: /\b(flyway|liquibase|alembic|goose|golang-migrate|db[-:]migrate|manage\.py migrate|prisma migrate|knex migrate|sequelize(-cli)? db:migrate|typeorm migration:run|artisan migrate|ecto\.migrate|dbmate|atlas migrate|migrate (up|deploy|latest))\b|\bmigrat(e|ions?)\b/i,
  },
  {
    reason: 'RunsSchedule',
    message: 'seems to run jobs on a schedule: the fork would run each of them a second time. Switch the schedule off.',
    variable: /(^|_)((ENABLE|RUN)_(CRON|SCHEDULER|SCHEDULES|JOBS)|(CRON|SCHEDULER)_ENABLED)$/i,
    text: /\b(celery\b.*\bbeat|clockwork|whenever|schedule:(run|work)|supercronic)\b/i,
  },
]

/** What a variable is set to when the thing is off. */
const OFF = /^(0|false|no|off|none|disabled|validate)?$/i

/** `fork` is compared with `baseline`: a variable that the sandbox sets to something else has been taken care of. */
export function sideEffects(fork: PodSpec, baseline: PodSpec): readonly Warning[] {
  const originals = new Map(containersOf(baseline).map((container) => [container.name, container]))
  return SIGNS.flatMap(({ reason, message, variable, text }) => {
    const found = containersOf(fork).flatMap((container) => {
      const signs = [...signsInEnv(container, originals.get(container.name), variable), ...signsInText(container, text)]
      return signs.length === 0 ? [] : [`${container.name} (${listed(signs, 3)})`]
    })
    return found.length === 0 ? [] : [{ reason, message: `Container ${listed(found)} ${message}` }]
  })
}

/** A StatefulSet's members often know each other by name, and a fork that is told the baseline's would join them. */
export function joinsPeers(fork: PodSpec, statefulSet: string, governing: string): readonly Warning[] {
  const peer = new RegExp(String.raw`\b${escaped(statefulSet)}-\d+\.${escaped(governing)}\b`)
  const found = containersOf(fork).filter((container) =>
    [...textsOf(container), ...(container.env ?? []).map(({ value }) => value ?? '')].some((each) => peer.test(each)),
  )
  if (found.length === 0) return []
  const message = `Container ${listed(found.map(({ name }) => name))} names pods of the baseline (${statefulSet}-0.${governing}): the fork may join its cluster. Give it peers of its own.`
  return [{ reason: 'JoinsPeers', message }]
}

function signsInEnv(
  container: Container,
  original: Container | undefined,
  sign: RegExp | undefined,
): readonly string[] {
  if (sign === undefined) return []
  return (container.env ?? [])
    .filter((each) => sign.test(each.name) && !isOff(each))
    .filter((each) =>
      sameValue(
        each,
        original?.env?.findLast(({ name }) => name === each.name),
      ),
    )
    .map(({ name }) => name)
}

function signsInText(container: Container, sign: RegExp | undefined): readonly string[] {
  if (sign === undefined) return []
  const found = [container.name, container.image ?? '', textsOf(container).join(' ')].flatMap(
    (text) => sign.exec(text)?.[0] ?? [],
  )
  return [...new Set(found.map((each) => each.trim()))].slice(0, 1)
}

function textsOf({ command = [], args = [] }: Container): readonly string[] {
  return [...command, ...args]
}

function isOff({ value, valueFrom }: EnvVar): boolean {
  return valueFrom === undefined && OFF.test(value ?? '')
}

function sameValue(one: EnvVar, other: EnvVar | undefined): boolean {
  return (
    other !== undefined &&
    one.value === other.value &&
    JSON.stringify(one.valueFrom) === JSON.stringify(other.valueFrom)
  )
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
