// What the comparison is held to: ratios within a round, of Sidetrack as it is used to Istio with both its sidecars.

import { sameRound } from '../in-round.ts'
import { median } from '../median.ts'
import { figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'
import type { IstioResult } from './compare.ts'
import { type HopSample, RATES } from './hop-load.ts'
import { ISTIO_BOTH, ISTIO_TLS, NO_PROXY, SIDETRACK, SIDETRACK_BOTH } from './subject.ts'

type Which = 'p50' | 'p90' | 'p99' | 'p999'
type Sample = HopSample & { readonly peer: string }

const MOST = { latency: 0.5, cpu: 0.4, memory: 0.5, growth: 1.1 } as const

export function judged(result: IstioResult): readonly Figure[] {
  return [...hopRatios(samplesOf(result)), ...memoryRatios(result), ...growth(result)].filter(
    ({ values }) => values.length > 0,
  )
}

export function samplesOf({ hops = [] }: IstioResult): readonly Sample[] {
  return hops.map((each) => ({ ...each, peer: each.subject }))
}

/** Microseconds over no proxy in the same round. */
export function added(all: readonly Sample[], sample: Sample, rate: number, which: Which): number {
  const direct = sameRound(all, sample, NO_PROXY.name)
  return latency(sample, rate, which) - (direct === undefined ? Number.NaN : latency(direct, rate, which))
}

export function latency({ rates }: HopSample, rate: number, which: Which): number {
  return rates.find((each) => each.rate === rate)?.latency[which] ?? Number.NaN
}

/** Of all proxies that a request passes. */
export function fullCost({ full }: HopSample): number {
  return full.client + full.server
}

export function costAt({ rates }: HopSample, rate: number): number {
  const found = rates.find((each) => each.rate === rate)?.cost
  return found === undefined ? Number.NaN : found.client + found.server
}

/** Sidetrack is judged on the client's side, as it is used; on both sides it is only told. */
function hopRatios(all: readonly Sample[]): readonly Figure[] {
  const pairs = [SIDETRACK, SIDETRACK_BOTH].flatMap((own) => [ISTIO_BOTH, ISTIO_TLS].map((other) => ({ own, other })))
  return pairs.flatMap(({ own, other }) => {
    const ratio = (name: string, most: number, value: (sample: Sample) => number): Figure => {
      const values = all
        .filter(({ peer }) => peer === own.name)
        .map((each) => {
          const found = sameRound(all, each, other.name)
          return found === undefined ? Number.NaN : value(each) / value(found)
        })
      const limit = own === SIDETRACK ? { most, of: other.name } : undefined
      return figure(`${name}, × ${other.name}`, own.name, '', values, limit)
    }
    const atRates = RATES.flatMap((rate) => [
      ratio(`added p50 at ${rate}/s`, MOST.latency, (each) => added(all, each, rate, 'p50')),
      ratio(`added p99 at ${rate}/s`, MOST.latency, (each) => added(all, each, rate, 'p99')),
      ratio(`CPU per request at ${rate}/s`, MOST.cpu, (each) => costAt(each, rate)),
    ])
    return atRates.concat(ratio('CPU per request', MOST.cpu, fullCost))
  })
}

function memoryRatios({ twenty }: IstioResult): readonly Figure[] {
  const of = (name: string): number =>
    median(
      (twenty?.memory ?? [])
        .filter(({ subject }) => subject === name)
        .flatMap(({ pods }) => pods.map(({ pss }) => pss)),
    )
  const limit = { most: MOST.memory, of: ISTIO_TLS.name }
  return [
    figure(
      `memory of a pod, × ${ISTIO_TLS.name}`,
      SIDETRACK.name,
      '',
      [of(SIDETRACK.name) / of(ISTIO_TLS.name)],
      limit,
    ),
  ]
}

/** Of the CPU of a request, from the fewest to the most sandboxes. */
function growth({ many }: IstioResult): readonly Figure[] {
  const subjects = [...new Set(many?.samples.map(({ subject }) => subject))]
  return subjects.map((subject) => {
    const own = (many?.samples ?? []).filter((each) => each.subject === subject)
    const [fewest, most] = [own[0], own.at(-1)]
    const values = fewest === undefined || most === undefined ? [] : [most.cpuMicros / fewest.cpuMicros]
    const name = `CPU per request with the most sandboxes, × with ${fewest?.sandboxes ?? 0}`
    return figure(name, subject, '', values, subject === SIDETRACK.name ? { most: MOST.growth } : undefined)
  })
}
