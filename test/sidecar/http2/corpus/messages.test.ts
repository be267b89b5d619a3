import { extendedConnect } from './8441.ts'
import { requests } from './9113-8-requests.ts'
import { responses } from './9113-8-responses.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([requests, responses, extendedConnect])
