import { test } from 'tap'
import { type ApiServer, startApiServer } from './api-server.ts'
import { noApiServer } from './requirements.ts'

test('an API server without nodes', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const { kubectl } = server

  await t.test('serves objects and admission policies', async (t) => {
    await kubectl.run(['create', 'serviceaccount', 'agent'])
    t.match(await kubectl.run(['get', 'serviceaccount', 'agent', '-o', 'name']), 'serviceaccount/agent')
    t.match(await kubectl.run(['api-resources']), 'validatingadmissionpolicies')
  })

  await t.test('takes a token until it has expired', async (t) => {
    t.match(await whoAmI(server, 60), 'system:serviceaccount:default:agent')
    await t.rejects(whoAmI(server, -60), /logged in to the server/)
  })

  await t.test('answers 410 for a revision that etcd has compacted', async (t) => {
    const revision = JSON.parse(await kubectl.run(['get', '--raw', '/api/v1/namespaces'])).metadata.resourceVersion
    await kubectl.run(['create', 'namespace', 'later'])
    await kubectl.run(['create', 'namespace', 'latest'])
    await server.compact()
    await server.stop('SIGKILL')
    await server.start()
    await t.rejects(
      kubectl.run(['get', '--raw', `/api/v1/namespaces?resourceVersion=${revision}&resourceVersionMatch=Exact`]),
      /too old|compacted|Expired/,
    )
  })

  await t.test('keeps its objects over the death of etcd', async (t) => {
    await server.stopEtcd('SIGKILL')
    await server.start()
    t.match(await kubectl.run(['get', 'namespace', 'latest', '-o', 'name']), 'namespace/latest')
  })
})

async function whoAmI(server: ApiServer, lifetime: number): Promise<string> {
  const token = await server.token('default', 'agent', lifetime)
  const access = [`--token=${token}`, `--server=${server.url}`, '--insecure-skip-tls-verify']
  return server.kubectl.run(['auth', 'whoami', '--kubeconfig=/dev/null', ...access])
}
