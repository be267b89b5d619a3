import { interim } from './9110-15-interim.ts'
import { gateway } from './9110-7-gateway.ts'
import { tunnels } from './9110-9-tunnels.ts'
import { switching } from './9110-7-switching.ts'
import { responseHeads } from './9112-4-responses.ts'
import { responseFraming } from './9112-6-response-framing.ts'
import { connection } from './9112-9-connection.ts'
import { routing } from './routing.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([responseHeads, responseFraming, connection, switching, tunnels, gateway, interim, routing])
