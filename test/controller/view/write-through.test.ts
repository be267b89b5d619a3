import t from 'tap'
import { WriteThrough } from '../../../controller/view/write-through.ts'
import type { Stored } from '../../../kubernetes/reflector.ts'
import { Store } from '../../../kubernetes/store.ts'

const object = (name: string, resourceVersion: string, uid = name): Stored => ({
  metadata: { namespace: 'shop', name, uid, resourceVersion },
})

type Step = (through: WriteThrough<Stored, never>) => void

const written =
  (name: string, version: string, uid?: string): Step =>
  (it) =>
    it.written(object(name, version, uid))
const put =
  (name: string, version: string, uid?: string): Step =>
  (it) =>
    it.put(object(name, version, uid), version)
const removed =
  (name: string, version: string, uid?: string): Step =>
  (it) =>
    it.removed(object(name, version, uid), version)
const listed =
  (version: string, ...objects: readonly Stored[]): Step =>
  (it) =>
    it.replaced(objects, version)

const CASES: readonly [string, readonly Step[], readonly string[]][] = [
  ['what was written is there at once', [written('a', '9')], ['a 9']],
  ['older news of it does not come after it', [written('a', '10'), put('a', '9')], ['a 10']],
  ['newer news does', [written('a', '9'), put('a', '10')], ['a 10']],
  ['an answer that comes late is not taken', [put('a', '10'), written('a', '9')], ['a 10']],
  ['a list from before it does not take it away', [written('a', '10'), listed('9', object('b', '3'))], ['a 10', 'b 3']],
  ['nor does its older state in that list', [written('a', '10'), listed('9', object('a', '8'))], ['a 10']],
  ['a list from after it does', [written('a', '10'), listed('11', object('b', '3'))], ['b 3']],
  ['it goes when it is deleted', [written('a', '9'), removed('a', '10')], []],
  [
    'it stays when one of its name is deleted that was there before',
    [written('a', '9', 'new'), removed('a', '8', 'old')],
    ['a 9'],
  ],
]

for (const [name, steps, expected] of CASES) {
  t.test(name, async (t) => {
    const store = new Store<Stored>({})
    const through = new WriteThrough(store)
    for (const step of steps) step(through)
    const found = [...store.values()].map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion ?? ''}`)
    t.strictSame(found.toSorted(), expected)
  })
}
