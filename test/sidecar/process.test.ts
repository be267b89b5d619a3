// The image runs the sidecar as everything else does.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SIDECAR_FLAGS, SIDECAR_MALLOC } from '../../core/sidecar-process.ts'

const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile.sidecar'), 'utf8')
const instruction = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(dockerfile)?.[1] ?? ''

t.test('the image has the flags of node', async (t) => {
  const [, ...flags] = JSON.parse(instruction('ENTRYPOINT')) as readonly string[]
  t.strictSame(flags, [...SIDECAR_FLAGS, '/sidecar.cjs'])
})

t.test('the image has the settings of malloc', async (t) => {
  const settings = Object.entries(SIDECAR_MALLOC).map(([name, value]) => `${name}=${value}`)
  t.strictSame(instruction('ENV').split(' '), settings)
})
