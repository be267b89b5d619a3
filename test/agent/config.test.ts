// Where an agent's routes come from: exactly one of two.

import t from 'tap'
import { readAgentConfig } from '../../agent/config.ts'

t.test('routes come from a file or from Kubernetes', async (t) => {
  t.match(readAgentConfig({ SIDETRACK_FILE: 'routes.yaml' }), { file: 'routes.yaml', node: '' })
  t.match(readAgentConfig({ SIDETRACK_NODE: 'node-1' }), { file: '', node: 'node-1', state: '/run/sidetrack' })
})

t.test('neither and both are faults that name the two settings', async (t) => {
  t.throws(() => readAgentConfig({}), { code: 'ST2001', message: /SIDETRACK_FILE.*SIDETRACK_NODE.*neither is given/ })
  const both = { SIDETRACK_FILE: 'routes.yaml', SIDETRACK_NODE: 'node-1' }
  t.throws(() => readAgentConfig(both), { code: 'ST2001', message: /SIDETRACK_FILE.*SIDETRACK_NODE.*both are given/ })
})
