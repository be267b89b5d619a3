// The flags of `sidetrack create` that describe forks. They count in order: what follows a --fork is about that fork.

import type { Fork, ForkEnv } from '../../kubernetes/resources/sandbox.ts'
import { parseWorkload } from '../workload.ts'
import { wrong } from '../wrong.ts'

export interface ForkFlag {
  readonly flag: 'fork' | 'image' | 'env' | 'replicas'
  readonly text: string
}

type Image = NonNullable<Fork['images']>[number]

/** Forks of the API server's own limit. */
const MAX_REPLICAS = 50

/**
 * `before`, changed by the flags. A --fork of a workload that is there already goes on with that one; flags before any --fork are about the
 * only one that there is.
 */
export function withForkFlags(flags: readonly ForkFlag[], before: readonly Fork[]): readonly Fork[] {
  const forks = [...before]
  let at = forks.length === 1 ? 0 : -1
  for (const { flag, text } of flags) {
    if (flag === 'fork') {
      const of = parseWorkload(text)
      at = forks.findIndex((each) => each.of.kind === of.kind && each.of.name === of.name)
      if (at === -1) at = forks.push({ of }) - 1
      continue
    }
    const fork = forks[at]
    if (fork === undefined) throw wrong(`--${flag} ${text} needs the --fork before it that it is about`)
    forks[at] = changed(fork, flag, text)
  }
  return forks
}

function changed(fork: Fork, flag: 'image' | 'env' | 'replicas', text: string): Fork {
  if (flag === 'image') {
    const image = parseImage(text)
    const others = (fork.images ?? []).filter(({ container }) => container !== image.container)
    return { ...fork, images: [...others, image] }
  }
  if (flag === 'env') {
    const env = parseEnv(text)
    const others = (fork.env ?? []).filter(({ container, name }) => container !== env.container || name !== env.name)
    return { ...fork, env: [...others, env] }
  }
  const replicas = Number(text)
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > MAX_REPLICAS)
    throw wrong(`--replicas ${text} is no number of pods from 1 to ${MAX_REPLICAS}`)
  return { ...fork, replicas }
}

/** `cart=registry/cart:pr-42`, as `kubectl set image` takes it. */
function parseImage(text: string): Image {
  const equals = text.indexOf('=')
  const [container, image] = [text.slice(0, Math.max(equals, 0)), text.slice(equals + 1)]
  if (container === '' || image === '') throw wrong(`--image ${text} is not of the form CONTAINER=IMAGE`)
  return { container, image }
}

/** `cart:FLAG=on` sets a variable, `cart:FLAG-` takes it away, as `kubectl set env` does. */
function parseEnv(text: string): ForkEnv {
  const colon = text.indexOf(':')
  const equals = text.indexOf('=')
  const container = text.slice(0, Math.max(colon, 0))
  const removed = equals === -1 && text.endsWith('-')
  const name = text.slice(colon + 1, removed ? -1 : Math.max(equals, 0))
  if (container === '' || name === '' || (equals !== -1 && equals < colon) || (equals === -1 && !removed))
    throw wrong(`--env ${text} is not of the form CONTAINER:NAME=VALUE, or CONTAINER:NAME- to take it away`)
  return removed ? { container, name, delete: true } : { container, name, value: text.slice(equals + 1) }
}
