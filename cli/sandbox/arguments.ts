// From what was typed to a Sandbox: flags by themselves, or on top of one from a file.

import { parseDuration } from '../../core/duration.ts'
import { isRoutingKey } from '../../core/routing-key.ts'
import type { Sandbox, SandboxSpec } from '../../kubernetes/resources/sandbox.ts'
import { wrong } from '../wrong.ts'
import { type ForkFlag, withForkFlags } from './fork-flags.ts'

export interface CreateArguments {
  readonly name?: string | undefined
  readonly key?: string | undefined
  readonly ttl?: string | undefined
  readonly unready?: 'fail' | 'baseline' | undefined
  /** In the order in which they were typed. */
  readonly forks: readonly ForkFlag[]
}

export interface NewSandbox {
  readonly metadata: { readonly name: string; readonly namespace?: string } & Partial<Sandbox['metadata']>
  readonly spec: SandboxSpec
}

/** Throws ST4001 for what cannot be meant; everything else is the API server's to judge. */
export function sandboxFrom(args: CreateArguments, file?: NewSandbox): NewSandbox {
  const name = args.name ?? file?.metadata.name
  if (name === undefined || name === '') throw wrong('the sandbox needs a NAME')
  const forks = withForkFlags(args.forks, file?.spec.forks ?? [])
  if (forks.length === 0)
    throw wrong('the sandbox needs a fork: --fork deploy/NAME --image CONTAINER=IMAGE, or -f FILE')
  const spec = { ...file?.spec, ...keyOf(args, name, file), ...ttlOf(args, file), ...unreadyOf(args) }
  return { metadata: { ...file?.metadata, name }, spec: { ...spec, forks } }
}

function keyOf({ key }: CreateArguments, name: string, file: NewSandbox | undefined): { routingKey?: string } {
  if (key !== undefined && !isRoutingKey(key))
    throw wrong(`--key ${key} is no routing key: 1 to 63 letters, digits, - and _, a letter or digit first and last`)
  if (key === undefined && file?.spec.routingKey === undefined && !isRoutingKey(name))
    throw wrong(`${name} is no routing key (1 to 63 letters, digits, - and _), so it needs one: --key KEY`)
  return key === undefined ? {} : { routingKey: key }
}

function ttlOf({ ttl }: CreateArguments, file: NewSandbox | undefined): Pick<SandboxSpec, 'ttl'> {
  if (ttl === undefined) return {}
  if (parseDuration(ttl) === undefined) throw wrong(`--ttl ${ttl} is no duration like 8h, 90m or 2h30m`)
  return { ttl: { ...file?.spec.ttl, duration: ttl } }
}

function unreadyOf({ unready }: CreateArguments): Pick<SandboxSpec, 'unready'> {
  return unready === undefined ? {} : { unready }
}
