// The kinds of metrics of agent and controller. The package's main file would load the cluster, workers, zlib and OpenTelemetry as well: 3 MB.

export { default as Counter } from '@prometheus-io/client/lib/counter.js'
export { default as Gauge } from '@prometheus-io/client/lib/gauge.js'
export { default as Histogram } from '@prometheus-io/client/lib/histogram.js'
export { default as Registry } from '@prometheus-io/client/lib/registry.js'
