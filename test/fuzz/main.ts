// `npm run fuzz`: fuzzes or soaks, prints what it found, and exits with 1 if that is anything.

import { type Options, USAGE, parseOptions } from './options.ts'
import { formatSoak, isClean, soak } from './soak/soak.ts'

async function main(options: Options): Promise<boolean> {
  console.log(`seed ${options.seed}`)
  if (options.mode === 'soak') {
    const result = await soak(options.seed, options.requests, (line) => console.log(line))
    console.log(formatSoak(result))
    return isClean(result)
  }
  const { runCampaign } = await import('./campaign.ts')
  return runCampaign(options, (line) => console.log(line))
}

let options: Options
try {
  options = parseOptions(process.argv.slice(2))
} catch (error) {
  console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  process.exit(64)
}
process.exit((await main(options)) ? 0 : 1)
