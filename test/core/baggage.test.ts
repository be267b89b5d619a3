import t from 'tap'
import { hasRoomFor, hasProperty, readBaggageMember } from '../../core/baggage.ts'

const NAME = 'sidetrack'
const filler = (count: number) => Array.from({ length: count }, (_, index) => `m${index}=1`).join(',')

const read = (header: string) => readBaggageMember(header, NAME)?.value

t.test('the value of the member', async (t) => {
  const values: Record<string, string | undefined> = {
    '': undefined,
    'a=1': undefined,
    'sidetrack=pr-42': 'pr-42',
    'a=1,sidetrack=pr-42,b=2': 'pr-42',
    ' \tsidetrack\t =  pr-42 ': 'pr-42',
    'sidetrack=pr-42;strict': 'pr-42',
    'sidetrack=pr-42 ; a=b;c': 'pr-42',
    'a=1;sidetrack=no': undefined,
    'sidetrack=a,sidetrack=b': 'b',
    'sidetrack=a,sidetrack=%zz': 'a',
    'sidetrack=a,sidetrack=': 'a',
    'sidetrack=a=b': 'a=b',
    'sidetrack=a%2Cb': 'a,b',
    'sidetrack=%C3%A9': 'é',
    'sidetrack=%': undefined,
    'sidetrack=%C3': undefined,
    sidetrack: undefined,
    'sidetrack=': undefined,
    '=sidetrack': undefined,
    'sidetrack;a=b': undefined,
    'Sidetrack=a': undefined,
    'xsidetrack=a': undefined,
    'sidetrackx=a': undefined,
    ',,sidetrack=a,,': 'a',
    'sidetrack="a"': '"a"',
  }
  for (const [header, value] of Object.entries(values))
    t.equal(readBaggageMember(header, NAME)?.value, value, JSON.stringify(header))
})

t.test('properties are what follows the first semicolon', async (t) => {
  t.equal(readBaggageMember('sidetrack=a', NAME)?.properties, '')
  t.equal(readBaggageMember('sidetrack=a;', NAME)?.properties, '')
  t.equal(readBaggageMember('sidetrack=a; b = c;strict,x=y;z', NAME)?.properties, ' b = c;strict')
})

t.test('a property counts with and without a value, and by its whole name', async (t) => {
  for (const properties of ['strict', ' strict ', 'a;strict', 'strict;a', 'strict=1', ' strict = 1 ', 'a=b;\tstrict'])
    t.ok(hasProperty(properties, 'strict'), properties)
  for (const properties of ['', 'strictly', 'unstrict', 'a=strict', 'Strict', 'a strict', '=strict'])
    t.notOk(hasProperty(properties, 'strict'), properties)
})

t.test('limits are those of OpenTelemetry', async (t) => {
  t.equal(read(`${filler(179)},sidetrack=a`), 'a', 'the 180th member counts')
  t.equal(read(`${filler(180)},sidetrack=a`), undefined, 'the 181st does not')
  t.equal(read(`${'bad,'.repeat(500)}sidetrack=a`), 'a', 'members that are none do not count')
  t.equal(read(`${'%zz=1,'.repeat(500)}sidetrack=a`), 'a', 'nor do those whose name cannot be decoded')
  t.equal(read(`sidetrack=${'v'.repeat(4096 - 10)}`)?.length, 4086, 'a member of 4,096 bytes counts')
  t.equal(read(`sidetrack=${'v'.repeat(4096 - 9)}`), undefined, 'a longer one does not')
  t.equal(read(`x=${'v'.repeat(5000)},sidetrack=a`), 'a', 'a longer one hides nothing behind it')
  const large = `x=${'v'.repeat(4000)}`
  t.equal(read(`${large},${large},sidetrack=a`), 'a', 'a member within 8,192 bytes counts')
  t.equal(
    read(`${large},${large},${'y'.repeat(170)}=1,sidetrack=${'v'.repeat(20)}`),
    undefined,
    'one past them does not',
  )
})

t.test('there is room for a member as long as a reader would see it', async (t) => {
  for (const header of ['a=1', filler(178), filler(179), filler(180), filler(200)])
    t.equal(hasRoomFor(header, 'sidetrack=a'), read(`${header},sidetrack=a`) === 'a', `${header.length} bytes`)
  for (const length of [8191 - 12, 8192 - 12, 8193 - 12, 9000]) {
    const header = `a=${'v'.repeat(4000)},b=${'v'.repeat(4000)},c=${'v'.repeat(length - 8008)}`
    t.equal(hasRoomFor(header, 'sidetrack=a'), read(`${header},sidetrack=a`) === 'a', `${header.length} bytes`)
  }
})
