// `npm run bench -- istio`: Sidetrack and Istio on one cluster, one after the other, in parts that can be run alone.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Progress } from '../progress.ts'
import { fromRoot } from '../root.ts'
import { alternate } from '../rounds.ts'
import { tableKeys } from '../rule.ts'
import { findTools } from '../tools.ts'
import { capture, kubernetesVersion, startCluster } from './cluster.ts'
import type { Bench } from './hop.ts'
import { startHop } from './hop.ts'
import { type HopSample, measureHop } from './hop-load.ts'
import { startIstiod } from './istiod.ts'
import { type ManyResult, measureMany } from './many.ts'
import type { IstioPart } from './part.ts'
import { sharedBy } from './shared.ts'
import { measureStarts, type Start } from './starts.ts'
import { SUBJECTS } from './subject.ts'
import { measureTwenty, type TwentyResult } from './twenty.ts'

export interface IstioResult {
  readonly versions: Readonly<Record<string, string>>
  readonly hops?: readonly HopSample[]
  readonly many?: ManyResult
  readonly twenty?: TwentyResult
  readonly starts?: readonly Start[]
}

export interface IstioOptions {
  readonly parts: readonly IstioPart[]
  readonly rounds: number
  /** Of each load. */
  readonly seconds: number
  /** The most on one Service, of the part `sandboxes`. */
  readonly most: number
}

export const ISTIO_DEFAULTS = { rounds: 3, seconds: 4, most: 10_000 } as const

const KEYS = 10
/** Pods of each kind. */
const STARTS_A_ROUND = 3
const COUNTS = [1, 10, 100, 1000, 10_000, 100_000]

export async function compareWithIstio(
  options: IstioOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<IstioResult> {
  const tools = findTools(['wrk', 'open-loop', 'taskset'])
  progress("Istio's programs and images: minutes the first time")
  const built = capture(fromRoot('bench', 'istio', 'setup'), []).trim()
  const cluster = await startCluster(progress)
  const folder = await mkdtemp(join(tmpdir(), 'sidetrack-bench-istio-'))
  try {
    await cluster.load(join(built, 'proxy.tar'))
    await cluster.load(join(built, 'pods.tar'))
    progress('istiod')
    const istiod = await startIstiod(cluster, built, signal)
    try {
      const bench: Bench = { cluster, folder, tools, signal }
      const versions = {
        Istio: istiod.version,
        Envoy: envoyVersion(),
        Kubernetes: await kubernetesVersion(cluster.client),
      }
      const has = (part: IstioPart): boolean => options.parts.includes(part)
      return {
        versions,
        ...(has('hop') ? { hops: await measureHops(bench, istiod.pid, options, progress) } : {}),
        ...(has('starts') ? { starts: await measureStarts(bench, options.rounds * STARTS_A_ROUND, progress) } : {}),
        ...(has('twenty') ? { twenty: await measureTwenty(bench, istiod.pid, options.rounds, progress) } : {}),
        ...(has('sandboxes')
          ? {
              many: await measureMany(
                bench,
                COUNTS.filter((each) => each <= options.most),
                options.seconds,
                progress,
              ),
            }
          : {}),
      }
    } finally {
      await istiod.stop()
    }
  } finally {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureHops(
  bench: Bench,
  istiod: number,
  { rounds, seconds }: IstioOptions,
  progress: Progress,
): Promise<readonly HopSample[]> {
  const samples: HopSample[] = []
  const keys = tableKeys(KEYS)
  for (let round = 0; round < rounds; round++) {
    for (const subject of alternate(SUBJECTS, round)) {
      progress(`round ${round + 1} of ${rounds}: ${subject.name}`)
      const name = subject.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')
      const hop = await startHop(bench, subject, `${name}-${round}`, keys)
      try {
        const others = (await sharedBy(bench, subject, istiod)).flatMap(({ pids }) => pids)
        samples.push(await measureHop(bench, hop, { keys, round, seconds, others }))
      } finally {
        await hop.stop()
      }
    }
  }
  return samples
}

function envoyVersion(): string {
  const { envoy } = findTools(['envoy'])
  return /\/(\d+\.\d+\.\d+)\//.exec(capture(envoy, ['--version']))?.[1] ?? ''
}
