import { test } from 'tap'
import { errandsOf, type KeyedExpectation } from './expectation.ts'

const pricing: KeyedExpectation = { key: 'life-1', service: 'pricing', answers: ['life-1'] }
const cart: KeyedExpectation = { key: 'life-2', service: 'cart', answers: ['life-2'] }

function answersOf(name: string, service: string, ...exceptions: readonly string[]) {
  const errands = errandsOf('ledger-0', [pricing, cart], new Set(exceptions))
  return errands.find((errand) => errand.name === name)?.expect[service]
}

const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['pricing life-1', 'pricing', [], ['life-1']],
  ['storefront life-1', 'pricing', [], ['life-1']],
  ['storefront life-2', 'cart', [], ['life-2']],
  ['pricing unkeyed', 'pricing', ['ledger-0', 'cart', 'life-1'], ['baseline']],
  ['storefront unkeyed', 'cart', ['ledger-0', 'storefront', 'life-2'], ['baseline']],
  ['pricing life-1', 'pricing', ['ledger-0'], ['life-1', 'baseline']],
  ['storefront life-1', 'pricing', ['ledger-0'], ['life-1']],
  ['storefront life-1', 'pricing', ['cart'], ['life-1', 'baseline']],
  ['storefront life-2', 'cart', ['cart'], ['life-2']],
  ['storefront life-2', 'cart', ['storefront'], ['life-2', 'baseline']],
  ['pricing life-1', 'pricing', ['life-1'], ['life-1', 'ST1101', 'ST1102']],
  ['cart life-2', 'cart', ['life-1'], ['life-2']],
]

for (const [name, service, exceptions, answers] of cases) {
  const when = exceptions.length === 0 ? 'while all is calm' : `while there are exceptions for ${exceptions.join()}`
  test(`${service} is to answer ${name} as ${answers.join(' or ')} ${when}`, (t) => {
    t.same(answersOf(name, service, ...exceptions), answers)
    t.end()
  })
}

test('every errand of a ledger has a name of its own', (t) => {
  const names = errandsOf('ledger-0', [pricing, cart], new Set()).map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  t.end()
})
