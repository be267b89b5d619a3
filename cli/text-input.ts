// Text from a file or from standard input.

import { readFile } from 'node:fs/promises'
import { SidetrackError } from '../runtime/errors.ts'
import type { Session } from './session.ts'

/** `-` is standard input. Throws ST2002 if it cannot be read. */
export async function readInput(name: string, stdin: Session['stdin']): Promise<string> {
  try {
    return name === '-' ? await readAll(stdin) : await readFile(name, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SidetrackError('ST2002', `cannot read ${name}: ${why}`, { cause: error })
  }
}

async function readAll(stdin: Session['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
