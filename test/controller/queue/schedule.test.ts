import t from 'tap'
import { Schedule } from '../../../controller/queue/schedule.ts'

type Step =
  | readonly ['add', string, { readonly at?: number; readonly background?: boolean }?]
  | readonly ['at', number]
  | readonly ['take', string | undefined]
  | readonly ['finish', string]
  | readonly ['next', number | undefined]

const CASES: readonly [string, readonly Step[]][] = [
  [
    'an empty one has nothing',
    [
      ['take', undefined],
      ['next', undefined],
    ],
  ],
  [
    'keys come in the order in which they were added',
    [
      ['add', 'a'],
      ['add', 'b'],
      ['take', 'a'],
      ['take', 'b'],
    ],
  ],
  [
    'a key that was added twice comes once',
    [
      ['add', 'a'],
      ['add', 'a'],
      ['take', 'a'],
      ['finish', 'a'],
      ['take', undefined],
    ],
  ],
  [
    'a key that is being worked on is not given out, and comes again afterwards if it was added meanwhile',
    [
      ['add', 'a'],
      ['take', 'a'],
      ['add', 'a'],
      ['take', undefined],
      ['finish', 'a'],
      ['take', 'a'],
    ],
  ],
  [
    'a key for later comes when it is due',
    [
      ['add', 'a', { at: 10 }],
      ['take', undefined],
      ['next', 10],
      ['at', 10],
      ['take', 'a'],
      ['next', undefined],
    ],
  ],
  [
    'keys for later come in the order of their times',
    [
      ['add', 'c', { at: 30 }],
      ['add', 'a', { at: 10 }],
      ['add', 'b', { at: 20 }],
      ['next', 10],
      ['at', 40],
      ['take', 'a'],
      ['take', 'b'],
      ['take', 'c'],
    ],
  ],
  [
    'an earlier wish for a key counts',
    [
      ['add', 'a', { at: 20 }],
      ['add', 'a', { at: 10 }],
      ['next', 10],
      ['at', 20],
      ['take', 'a'],
      ['finish', 'a'],
      ['take', undefined],
    ],
  ],
  [
    'a later wish for a key does not',
    [
      ['add', 'a', { at: 10 }],
      ['add', 'a', { at: 20 }],
      ['at', 20],
      ['take', 'a'],
      ['finish', 'a'],
      ['take', undefined],
      ['next', undefined],
    ],
  ],
  [
    'a wish for now makes one for later void',
    [
      ['add', 'a', { at: 10 }],
      ['add', 'a'],
      ['take', 'a'],
      ['finish', 'a'],
      ['next', undefined],
    ],
  ],
  [
    'a wish for later while it is worked on is kept',
    [
      ['add', 'a'],
      ['take', 'a'],
      ['add', 'a', { at: 10 }],
      ['finish', 'a'],
      ['take', undefined],
      ['next', 10],
    ],
  ],
  [
    'the background waits',
    [
      ['add', 'a', { background: true }],
      ['add', 'b'],
      ['take', 'b'],
      ['take', 'a'],
    ],
  ],
  [
    'a key leaves the background when it is wanted',
    [
      ['add', 'x', { background: true }],
      ['add', 'a', { background: true }],
      ['add', 'a'],
      ['take', 'a'],
      ['take', 'x'],
      ['take', undefined],
    ],
  ],
  [
    'a key that is wanted does not go to the background',
    [
      ['add', 'b', { background: true }],
      ['add', 'a'],
      ['add', 'a', { background: true }],
      ['take', 'a'],
    ],
  ],
]

for (const [name, steps] of CASES) {
  t.test(name, async (t) => {
    const schedule = new Schedule()
    let now = 0
    for (const step of steps) {
      if (step[0] === 'at') now = step[1]
      else if (step[0] === 'add')
        schedule.add(step[1], { at: step[2]?.at ?? now, background: step[2]?.background ?? false }, now)
      else if (step[0] === 'finish') schedule.finish(step[1], now)
      else if (step[0] === 'next') t.equal(schedule.next(), step[1], 'next')
      else t.equal(schedule.take(now), step[1], `take at ${now}`)
    }
  })
}

t.test('the background has its turn while others keep coming', async (t) => {
  const schedule = new Schedule()
  schedule.add('background', { at: 0, background: true }, 0)
  let taken = ''
  let turns = 0
  while (taken !== 'background' && turns < 100) {
    schedule.add(`a${turns++}`, { at: 0, background: false }, 0)
    taken = schedule.take(0) ?? ''
  }
  t.ok(turns < 10, `after ${turns} others`)
})

t.test('a thousand keys for later come in order', async (t) => {
  const schedule = new Schedule()
  const times = Array.from({ length: 1000 }, (_, index) => (index * 7919) % 1000)
  for (const at of times) schedule.add(String(at), { at: at + 1, background: false }, 0)
  const taken = times.map(() => Number(schedule.take(2000)))
  t.strictSame(
    taken,
    times.toSorted((a, b) => a - b),
  )
})
