// What manifests/monitoring says to the Prometheus Operator, checked by the operator's own definitions on a real API server.

import path from 'node:path'
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { startApiServer } from '../../cluster/api-server.ts'
import { noApiServer, noGo } from '../../cluster/requirements.ts'
import { until } from '../../fixtures/until.ts'
import { operatorDefinitions } from './operator-definitions.ts'

const MONITORING = path.join(import.meta.dirname, '../../../manifests/monitoring')

test('the Prometheus Operator', { skip: noApiServer() || noGo() }, async (t) => {
  const { kubectl } = await startApiServer(t)
  await kubectl.run(['create', 'namespace', 'sidetrack-system'])
  for (const file of await operatorDefinitions()) await kubectl.run(['apply', '--server-side', '--filename', file])
  const apply = (text: string) => kubectl.run(['apply', '--server-side', '--validate=strict', '--filename=-'], text)

  for (const name of ['pod-monitors.yaml', 'alerts.yaml']) {
    const text = readFileSync(path.join(MONITORING, name), 'utf8')
    await t.test(`takes ${name}, and would not take a word that it does not know`, async (t) => {
      await until(() =>
        apply(text).then(
          () => true,
          () => false,
        ),
      )
      await t.rejects(
        apply(text.replace(/^( +)(podMetricsEndpoints|rules):/m, '$1unknownWord: 1\n$1$2:')),
        /unknownWord/,
      )
    })
  }
})
