// Colours, where the reader is a terminal that shows them.

import { styleText } from 'node:util'

export type Ink = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Paint = (ink: Ink, text: string) => string

/** Paints for terminals that show colours: asks NO_COLOR, FORCE_COLOR and TERM as well. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (ink, text) => styleText(ink, text, { stream })
}

export const NO_PAINT: Paint = (_, text) => text
