import { message } from './9112-2-message.ts'
import { requestLine } from './9112-3-request-line.ts'
import { fields } from './9112-5-fields.ts'
import { requestFraming } from './9112-6-request-framing.ts'
import { chunkedRequests } from './9112-7-chunked.ts'
import { edges } from './9112-edges.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([message, requestLine, fields, requestFraming, chunkedRequests, edges])
