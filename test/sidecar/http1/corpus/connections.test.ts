import { interim } from './9110-15-interim.ts'
import { switching } from './9110-7-switching.ts'
import { responseHeads } from './9112-4-responses.ts'
import { responseFraming } from './9112-6-response-framing.ts'
import { connection } from './9112-9-connection.ts'
import { routing } from './routing.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([responseHeads, responseFraming, connection, switching, interim, routing])
