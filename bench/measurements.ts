// Every measurement by its name: what it does with the options, and what it leaves behind.

import { measureController } from './controller.ts'
import { formatController } from './controller-report.ts'
import { formatEdits, measureEdits } from './edit.ts'
import { controllerFigures } from './figures/controller.ts'
import { compareWithIstio, ISTIO_DEFAULTS } from './istio/compare.ts'
import { countIstioFailures, formatIstio } from './istio/report.ts'
import { editFigures } from './figures/edit.ts'
import { http1Figures } from './figures/http1.ts'
import { http2Figures } from './figures/http2.ts'
import { istioFigures, istioSeries } from './figures/istio.ts'
import { memoryFigures } from './figures/memory.ts'
import { mixFigures } from './figures/mix.ts'
import { podStartFigures } from './figures/pod-start.ts'
import { routesFigures, routesSeries } from './figures/routes.ts'
import { scaleFigures, scaleSeries } from './figures/scale.ts'
import { compareHttp1, HTTP1_DEFAULTS } from './http1.ts'
import { formatHttp1 } from './http1-report.ts'
import { compareHttp2, HTTP2_DEFAULTS } from './http2.ts'
import { countHttp2Failures, formatHttp2 } from './http2-report.ts'
import { errorCount } from './load/wrk.ts'
import { measureMemory } from './memory.ts'
import { countMemoryFailures, formatMemory } from './memory-report.ts'
import { checkMix, formatMixResult } from './mix.ts'
import type { Mode, Options } from './options.ts'
import { http1Peers, http2Peers } from './peers/all.ts'
import { formatPodStarts, measurePodStarts } from './pod-start.ts'
import { stderrProgress } from './progress.ts'
import type { Result } from './results/result.ts'
import { measureRoutes, ROUTES_DEFAULTS } from './routes.ts'
import { countFailures, formatRoutes } from './routes-report.ts'
import { measureScale } from './scale.ts'
import { formatScale } from './scale-report.ts'

export interface Outcome extends Pick<Result, 'settings' | 'figures'> {
  /** For machines. */
  readonly raw: unknown
  /** For people. */
  readonly report: string
  /** Wrong and missing answers: the program exits with 1 if there is one. Missed budgets are only reported. */
  readonly failures: number
  readonly series?: Result['series']
  readonly versions?: Result['versions']
}

type Measurement = (options: Options, signal: AbortSignal) => Promise<Outcome>

export const MEASUREMENTS: Readonly<Record<Mode, Measurement>> = {
  async http1(options, signal) {
    const { rounds = HTTP1_DEFAULTS.rounds, seconds = HTTP1_DEFAULTS.seconds } = options
    const settings = { ...HTTP1_DEFAULTS, rounds, seconds }
    const raw = await compareHttp1(http1Peers(options.only), settings, signal, stderrProgress)
    const failures = raw.reduce((sum, each) => sum + each.errors + each.wrong, 0)
    return { raw, report: formatHttp1(raw), failures, settings: { ...settings }, figures: http1Figures(raw) }
  },

  async http2(options, signal) {
    const { rounds = HTTP2_DEFAULTS.rounds, seconds = HTTP2_DEFAULTS.seconds } = options
    const settings = { ...HTTP2_DEFAULTS, rounds, seconds }
    const raw = await compareHttp2(http2Peers(options.only), settings, signal, stderrProgress)
    const failures = countHttp2Failures(raw)
    return { raw, report: formatHttp2(raw), failures, settings: { ...settings }, figures: http2Figures(raw) }
  },

  async memory({ transfer }, signal) {
    const raw = await measureMemory(transfer, signal, stderrProgress)
    const failures = countMemoryFailures(raw)
    return { raw, report: formatMemory(raw), failures, settings: { transfer }, figures: memoryFigures(raw) }
  },

  async routes(options, signal) {
    const { rounds = ROUTES_DEFAULTS.rounds, seconds = ROUTES_DEFAULTS.seconds } = options
    const settings = { rounds, seconds }
    const raw = await measureRoutes(settings, signal, stderrProgress)
    const found = { figures: routesFigures(raw), series: routesSeries(raw) }
    return { raw, report: formatRoutes(raw), failures: countFailures(raw), settings, ...found }
  },

  async edit({ edits }, signal) {
    const raw = await measureEdits(edits, signal, stderrProgress)
    const failures = raw.load.errors + raw.load.wrong
    return { raw, report: formatEdits(raw), failures, settings: { edits }, figures: editFigures(raw) }
  },

  async controller({ sandboxes = 5000 }, signal) {
    const raw = await measureController(sandboxes, signal, stderrProgress)
    return { raw, report: formatController(raw), failures: 0, settings: { sandboxes }, figures: controllerFigures(raw) }
  },

  async scale({ nodes, sandboxes = 10_000 }, signal) {
    const settings = { nodes, sandboxes }
    const raw = await measureScale(settings, signal, stderrProgress)
    const found = { figures: scaleFigures(raw), series: scaleSeries(raw) }
    return { raw, report: formatScale(raw), failures: 0, settings, ...found }
  },

  async mix({ requests }, signal) {
    const raw = await checkMix(requests, signal, stderrProgress)
    const { wrk, paced } = raw
    const failures = wrk.wrong + errorCount(wrk) + paced.wrong + paced.errors
    return { raw, report: formatMixResult(raw), failures, settings: { requests }, figures: mixFigures(raw) }
  },

  async istio({ parts, most, ...options }, signal) {
    const { rounds = ISTIO_DEFAULTS.rounds, seconds = ISTIO_DEFAULTS.seconds } = options
    const settings = { rounds, seconds, most }
    const raw = await compareWithIstio({ parts, ...settings }, signal, stderrProgress)
    const found = { figures: istioFigures(raw), series: istioSeries(raw), versions: raw.versions }
    return { raw, report: formatIstio(raw), failures: countIstioFailures(raw), settings, ...found }
  },

  async 'pod-start'({ pods }, signal) {
    const raw = await measurePodStarts(pods, signal, stderrProgress)
    return { raw, report: formatPodStarts(raw), failures: 0, settings: { pods }, figures: podStartFigures(raw) }
  },
}
