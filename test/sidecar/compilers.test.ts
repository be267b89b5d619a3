import t from 'tap'
import { Compilers } from '../../sidecar/compilers.ts'

function start() {
  const flags: string[] = []
  return { flags, compilers: new Compilers((flag) => flags.push(flag)) }
}

t.test("a sidecar that is never busy does without V8's compilers, however long it lives", async (t) => {
  const { flags, compilers } = start()
  for (let second = 0; second < 3600; second++) compilers.tick(second * 1999)
  t.strictSame(flags, [])
})

t.test('2,000 requests in a second let them in, once and for good', async (t) => {
  const { flags, compilers } = start()
  compilers.tick(500)
  compilers.tick(2500)
  t.strictSame(flags, ['--sparkplug', '--invocation-count-for-maglev=400', '--invocation-count-for-turbofan=3000'])
  compilers.tick(2500)
  compilers.tick(9000)
  t.equal(flags.length, 3)
})

t.test('Node takes these flags while it runs', async (t) => {
  const compilers = new Compilers()
  t.doesNotThrow(() => compilers.tick(2000))
})
