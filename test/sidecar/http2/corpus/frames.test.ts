import { starting } from './9113-3-starting.ts'
import { frames } from './9113-4-frames.ts'
import { streams } from './9113-5-streams.ts'
import { frameTypes } from './9113-6-frames.ts'
import { security } from './9113-10-security.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([starting, frames, streams, frameTypes, security])
