// A Sandbox from a file or from standard input, in YAML or JSON.

import { GROUP, VERSION } from '../../kubernetes/resources/sidetrack.ts'
import type { Session } from '../session.ts'
import { readInput } from '../text-input.ts'
import { wrong } from '../wrong.ts'
import type { NewSandbox } from './arguments.ts'

/** Throws ST2002 if it cannot be read, ST4001 if it is no Sandbox. Its fields are the API server's to judge. */
export async function sandboxFile(name: string, stdin: Session['stdin']): Promise<NewSandbox> {
  const text = await readInput(name, stdin)
  const { parseAllDocuments } = await import('yaml')
  const documents = [parseAllDocuments(text)].flat()
  const [document, second] = documents
  const where = name === '-' ? 'standard input' : name
  if (document === undefined) throw wrong(`${where} is empty`)
  if (second !== undefined) throw wrong(`${where} holds several documents, and one Sandbox is created at a time`)
  const [fault] = document.errors
  if (fault !== undefined) throw wrong(`${where} is no YAML: ${fault.message.split('\n')[0] ?? ''}`)
  const value: unknown = document.toJS()
  if (!isSandbox(value))
    throw wrong(`${where} holds no Sandbox of ${GROUP}/${VERSION} with metadata and spec.forks[].of`)
  return { metadata: value.metadata, spec: value.spec }
}

function isSandbox(value: unknown): value is NewSandbox {
  if (!isMap(value) || value['apiVersion'] !== `${GROUP}/${VERSION}` || value['kind'] !== 'Sandbox') return false
  const { metadata, spec } = value
  if (!isMap(metadata) || !isMap(spec) || !Array.isArray(spec['forks'])) return false
  return spec['forks'].every((fork) => isMap(fork) && isMap(fork['of']))
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
