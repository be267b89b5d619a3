import type { Target } from '../target.ts'
export async function startFrames(): Promise<Target> {
  throw new Error('not yet')
}
