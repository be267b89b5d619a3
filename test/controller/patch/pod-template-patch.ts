// Random strategic merge patches of a pod template, most of them such that the API server takes what comes of them.

import fc from 'fast-check'

type Values = readonly (string | number)[]
export type Item = Readonly<Record<string, unknown>>

const NAMES: Values = ['a', 'b', 'c', 'd', 'e']
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const text = fc.constantFrom('1', '2', '3')
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 6 })

/** Items to merge and items to take away, each key once; sometimes in place of the whole list, sometimes with an order. */
function mergedList(
  field: string,
  key: string,
  keys: Values,
  item: (value: string | number) => fc.Arbitrary<Item>,
): fc.Arbitrary<Item> {
  const items = fc
    .shuffledSubarray([...keys], { maxLength: Math.min(3, keys.length) })
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((value) =>
          fc.oneof(
            { weight: 4, arbitrary: item(value).map((rest): Item => Object.assign({ [key]: value }, rest)) },
            { weight: 1, arbitrary: fc.constant<Item>({ [key]: value, $patch: 'delete' }) },
          ),
        ),
      ),
    )
  const whole = fc.boolean().map((yes): Item[] => (yes ? [{ $patch: 'replace' }] : []))
  return fc
    .record({
      items,
      whole: fc.oneof({ weight: 7, arbitrary: fc.constant<Item[]>([]) }, whole),
      ordered: fc.boolean(),
      others: fc.shuffledSubarray([...keys]),
    })
    .map(({ items: list, whole: replace, ordered, others }): Item => {
      // Where an item is deleted and an order is given, the API server goes on with a list that it has changed beneath itself.
      const deletes = list.some((each) => '$patch' in each)
      const named = list.map((each) => each[key])
      const order = [...named, ...others.filter((other) => !named.includes(other))].map((value) => ({ [key]: value }))
      const changes = { [field]: [...list, ...replace] }
      if (!ordered || deletes || replace.length > 0) return changes
      return Object.assign(changes, { [`$setElementOrder/${field}`]: order })
    })
}

/** Some of the parts, as one object. */
function some(...parts: readonly fc.Arbitrary<Item>[]): fc.Arbitrary<Item> {
  const none = fc.constant<Item>({})
  return fc
    .tuple(...parts.map((part) => fc.oneof({ weight: 2, arbitrary: none }, { weight: 1, arbitrary: part })))
    .map((all) => Object.assign({}, ...all) as Item)
}
const field = (key: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Item> => value.map((each) => ({ [key]: each }))
const whole = (value: Item) => fc.constantFrom<Item>({ $patch: 'replace', ...value }, { $patch: 'delete' })
const map = fc.oneof(fc.dictionary(name, nullable(text), { maxKeys: 3 }), whole({ z: '9' }))

const container = (): fc.Arbitrary<Item> =>
  some(
    field('args', nullable(fc.array(text, { maxLength: 2 }))),
    field(
      'resources',
      fc.constantFrom<unknown>(
        null,
        { limits: { cpu: '2' } },
        { limits: { memory: null } },
        { $patch: 'replace', limits: { cpu: '3' } },
      ),
    ),
    mergedList('env', 'name', NAMES, () =>
      fc.oneof(
        field('value', text),
        fc.constant<Item>({ value: null, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
      ),
    ),
    mergedList('ports', 'containerPort', [80, 81, 82], () => some(field('hostIP', nullable(fc.constant('10.0.0.1'))))),
    mergedList('volumeMounts', 'mountPath', ['/a', '/b', '/c'], () => fc.constant<Item>({ name: 'a' })),
  ).chain((rest) => field('image', fc.constantFrom('i', 'j')).map((image): Item => Object.assign({}, image, rest)))

const volume = (): fc.Arbitrary<Item> =>
  fc.constantFrom<Item>(
    { $retainKeys: ['name', 'emptyDir'], emptyDir: {} },
    { $retainKeys: ['name', 'secret'], secret: { secretName: 's' } },
    { emptyDir: { medium: 'Memory' } },
  )

export const podTemplatePatch: fc.Arbitrary<Item> = some(
  field(
    'metadata',
    some(field('annotations', map), field('labels', fc.dictionary(name, nullable(text), { maxKeys: 3 }))),
  ),
  field(
    'metadata',
    some(
      field('finalizers', fc.uniqueArray(fc.constantFrom('x.dev/b', 'x.dev/c'), { maxLength: 2 })),
      field('$deleteFromPrimitiveList/annotations', fc.constant([])),
    ).map(({ finalizers }): Item =>
      finalizers === undefined ? { '$deleteFromPrimitiveList/finalizers': ['x.dev/a'] } : { finalizers },
    ),
  ),
  field(
    'spec',
    some(
      mergedList('containers', 'name', ['b', 'c', 'd', 'e'], container),
      mergedList('initContainers', 'name', ['a', 'f'], container),
      mergedList('volumes', 'name', NAMES, volume),
      mergedList('hostAliases', 'ip', ['1.1.1.1', '2.2.2.2', '3.3.3.3'], () =>
        field('hostnames', fc.array(name, { maxLength: 2 })),
      ),
      mergedList('imagePullSecrets', 'name', NAMES, () => fc.constant<Item>({})),
      mergedList('topologySpreadConstraints', 'topologyKey', ['a', 'b', 'c'], () =>
        fc.constant<Item>({ maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway' }),
      ),
      field(
        'tolerations',
        nullable(
          fc.array(
            name.map((key) => ({ key, operator: 'Exists' })),
            { maxLength: 2 },
          ),
        ),
      ),
      field('nodeSelector', nullable(map)),
      field(
        'securityContext',
        fc.constantFrom<unknown>(null, { runAsUser: null }, { runAsGroup: 3 }, { $patch: 'replace', runAsUser: 7 }),
      ),
      field('terminationGracePeriodSeconds', nullable(fc.constantFrom(1, 2))),
    ),
  ),
)
