import { extendedConnect } from './8441-connect.ts'
import { authorities } from './9113-8-authority.ts'
import { connect } from './9113-8-connect.ts'
import { requestContent } from './9113-8-content.ts'
import { requestFields } from './9113-8-fields.ts'
import { pseudoFields } from './9113-8-pseudo.ts'
import { responses } from './9113-8-responses.ts'
import { routing } from './routing.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([
  requestFields,
  pseudoFields,
  authorities,
  requestContent,
  connect,
  extendedConnect,
  routing,
  responses,
])
