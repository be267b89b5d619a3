// What was typed cannot be meant.

import { SidetrackError } from '../runtime/errors.ts'

export function wrong(message: string): SidetrackError {
  return new SidetrackError('ST4001', message)
}
