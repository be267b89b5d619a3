import { compressed } from './7541-compression.ts'
import { starting } from './9113-3-starting.ts'
import { blocks } from './9113-4-blocks.ts'
import { frames } from './9113-4-frames.ts'
import { states } from './9113-5-states.ts'
import { streams } from './9113-5-streams.ts'
import { control } from './9113-6-control.ts'
import { dataAndHeaders } from './9113-6-data.ts'
import { settingsFrames } from './9113-6-settings.ts'
import { windows } from './9113-6-windows.ts'
import { security } from './9113-10-security.ts'
import { runCorpus } from './run-corpus.ts'

await runCorpus([
  starting,
  frames,
  blocks,
  compressed,
  states,
  streams,
  dataAndHeaders,
  control,
  settingsFrames,
  windows,
  security,
])
