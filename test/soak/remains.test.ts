import { test } from 'tap'
import { differences, type Remains } from './remains.ts'

const BEFORE: Remains = {
  objects: { pod: 11, 'routingtable.sidetrack.dev': 5 },
  redirects: [5, 5, 5],
  sidecarFiles: 250,
  agentFiles: 84,
}

const cases: readonly (readonly [string, Partial<Remains>, readonly string[]])[] = [
  ['nothing', {}, []],
  ['an object', { objects: { ...BEFORE.objects, pod: 12 } }, ['12 pod, 11 before']],
  ['an object of a kind that was not there', { objects: { ...BEFORE.objects, route: 1 } }, ['1 route, 0 before']],
  ['an object that is missing', { objects: { pod: 11 } }, ['0 routingtable.sidetrack.dev, 5 before']],
  ['an address that is redirected still', { redirects: [5, 5, 6] }, ['redirects 5,5,6, 5,5,5 before']],
  ['a pod that is not redirected any more', { redirects: [5, 5] }, ['redirects 5,5, 5,5,5 before']],
  ['a socket of a sidecar', { sidecarFiles: 251 }, ['251 files of sidecars, 250 before']],
  ['the watches of an agent, which come and go', { agentFiles: 90, sidecarFiles: 240 }, []],
  ['the sockets of an agent', { agentFiles: 95 }, ['95 files of agents, 84 before']],
]

for (const [name, after, found] of cases) {
  test(`${name} is ${found.length === 0 ? 'nothing' : 'something'} that is left`, (t) => {
    t.same(differences(BEFORE, { ...BEFORE, ...after }), found)
    t.end()
  })
}
