// A store holds what a reflector told last, finds it by name and by index, and tells each change once; held to a naive model.

import fc from 'fast-check'
import t from 'tap'
import { type Change, Store } from '../../kubernetes/store.ts'

interface Thing {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly resourceVersion: string
  }
  readonly tags: readonly string[]
}

const INDICES = {
  tag: (thing: Thing) => thing.tags,
  name: (thing: Thing) => [thing.metadata.name],
} as const

const NAMESPACES = [undefined, 'a', 'b'] as const
const NAMES = ['x', 'y', 'z', '__proto__', 'constructor']
const TAGS = ['red', 'green', 'blue', '__proto__']

const thing = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...NAMES),
  // An object that was deleted and made again has another uid.
  life: fc.integer({ min: 1, max: 3 }),
  version: fc.integer({ min: 1, max: 12 }),
  tags: fc.array(fc.constantFrom(...TAGS), { maxLength: 3 }),
})
type Plan = typeof thing extends fc.Arbitrary<infer T> ? T : never

const step = fc.oneof(
  { weight: 6, arbitrary: thing.map((put) => ({ put })) },
  { weight: 3, arbitrary: thing.map((remove) => ({ remove })) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(thing, { selector: (each) => `${each.namespace}/${each.name}`, maxLength: 12 })
      .map((replace) => ({ replace })),
  },
  { weight: 1, arbitrary: fc.constant({ bookmark: true }) },
)

t.test('a store is a map that tells its changes, whatever happens in whatever order', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const changes: Change<Thing>[] = []
      const reached: string[] = []
      const store = new Store<Thing, 'tag' | 'name'>(INDICES, {
        changed: (change) => changes.push(change),
        reached: (version) => reached.push(version),
      })
      const model = new Map<string, Thing>()
      // What somebody knows who only hears the changes.
      const heard = new Map<string, Thing>()
      for (const [count, each] of steps.entries()) {
        changes.length = 0
        const version = String(1000 + count)
        if ('put' in each) putBoth(store, model, made(each.put), version)
        else if ('remove' in each) {
          store.removed(made(each.remove), version)
          model.delete(key(made(each.remove)))
        } else if ('replace' in each) {
          const things = each.replace.map(made)
          const kept = things.map((one) => (sameState(model.get(key(one)), one) ? (model.get(key(one)) ?? one) : one))
          store.replaced(things, version)
          model.clear()
          for (const one of kept) model.set(key(one), one)
        } else store.bookmark(version)
        if (!hear(heard, changes) || !agrees(store, model) || !equal(heard, model)) return false
        if (store.resourceVersion !== version || reached.at(-1) !== version || reached.length !== count + 1)
          return false
      }
      return true
    }),
    { numRuns: 2000 },
  )
})

t.test('after an outage, removals are told first and the rest in the order in which it was written', async (t) => {
  const told: string[] = []
  const store = new Store<Thing>(
    {},
    { changed: ({ before, after }) => told.push(`${label(before)} > ${label(after)}`) },
  )
  store.replaced([at('x', 1), at('y', 2), at('z', 3)], '3')
  told.length = 0
  store.replaced([at('y', 9), at('x', 5, 2), at('w', 7)], '9')
  t.strictSame(told, ['x@1 > -', 'z@3 > -', '- > x@5', '- > w@7', 'y@2 > y@9'])
})

t.test('nothing is told of what stayed as it was', async (t) => {
  const one = made({ namespace: 'a', name: 'x', life: 1, version: 1, tags: ['red'] })
  let told = 0
  const store = new Store<Thing, 'tag'>({ tag: INDICES.tag }, { changed: () => told++ })
  store.replaced([one], '1')
  store.replaced([{ ...one, tags: ['red'] }], '2')
  store.put({ ...one, tags: ['red'] }, '3')
  t.equal(told, 1)
  t.strictSame([...store.by('tag', 'red')], [one])
})

t.test('it is synced with the first list, be it empty', async (t) => {
  const store = new Store<Thing>({})
  let synced = false
  const waiting = store.synced.then(() => (synced = true))
  store.bookmark('1')
  await Promise.resolve()
  t.equal(synced, false)
  store.replaced([], '2')
  await waiting
  t.equal(synced, true)
})

function at(name: string, version: number, life = 1): Thing {
  return made({ namespace: 'a', name, life, version, tags: [] })
}

function made({ namespace, name, life, version, tags }: Plan): Thing {
  const where = namespace === undefined ? {} : { namespace }
  return { metadata: { name, ...where, uid: `${name}-${life}`, resourceVersion: String(version) }, tags }
}

function key({ metadata }: Thing): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function sameState(one: Thing | undefined, other: Thing): boolean {
  return one?.metadata.uid === other.metadata.uid && one.metadata.resourceVersion === other.metadata.resourceVersion
}

function putBoth(store: Store<Thing, 'tag' | 'name'>, model: Map<string, Thing>, object: Thing, version: string): void {
  store.put(object, version)
  // What has the same uid and version is the same, so the store may keep the one that it has.
  if (!sameState(model.get(key(object)), object)) model.set(key(object), object)
}

/** False if a change does not follow from what was heard before, or says nothing. */
function hear(heard: Map<string, Thing>, changes: readonly Change<Thing>[]): boolean {
  for (const { before, after } of changes) {
    const known = before ?? after
    if (known === undefined || heard.get(key(known)) !== before) return false
    if (before !== undefined && after !== undefined && before.metadata.uid !== after.metadata.uid) return false
    if (after === undefined) heard.delete(key(known))
    else heard.set(key(known), after)
  }
  return true
}

function agrees(store: Store<Thing, 'tag' | 'name'>, model: ReadonlyMap<string, Thing>): boolean {
  const all = [...model.values()]
  return (
    store.size === model.size &&
    equalSets(store.values(), all) &&
    NAMESPACES.every((namespace) =>
      equalSets(
        store.values(namespace ?? ''),
        all.filter((each) => each.metadata.namespace === namespace),
      ),
    ) &&
    NAMESPACES.every((namespace) =>
      NAMES.every((name) => store.get(namespace, name) === model.get(`${namespace ?? ''}/${name}`)),
    ) &&
    TAGS.every((tag) =>
      equalSets(
        store.by('tag', tag),
        all.filter((each) => each.tags.includes(tag)),
      ),
    ) &&
    NAMES.every((name) =>
      equalSets(
        store.by('name', name),
        all.filter((each) => each.metadata.name === name),
      ),
    )
  )
}

function equal(one: ReadonlyMap<string, Thing>, other: ReadonlyMap<string, Thing>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value)
}

function equalSets(one: Iterable<Thing>, other: readonly Thing[]): boolean {
  const found = [...one]
  return found.length === other.length && new Set([...found, ...other]).size === found.length
}

function label(object: Thing | undefined): string {
  return object === undefined ? '-' : `${object.metadata.name}@${object.metadata.resourceVersion}`
}
