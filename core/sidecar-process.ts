// How a sidecar's process is run: what it costs is paid in every pod (docs/adr/0002-memory-of-a-sidecar.md). Dockerfile.sidecar says the same.

/** For node. */
export const SIDECAR_FLAGS: readonly string[] = [
  // Its garbage is short-lived: the young generation needs no more than 1 MiB.
  '--max-semi-space-size=1',
  // Its old generation is small, and may no more than double before it is looked at: V8's own fourfold is for programs that hold much.
  '--heap-growing-percent=100',
  // Bulk transfers collect their garbage themselves (sidecar/read-garbage.ts).
  '--expose-gc',
  // V8's first compiler holds up to 1 MB; a sidecar that is not busy is interpreted, until sidecar/compilers.ts finds it busy.
  '--no-sparkplug',
  // The optimising compilers take 16 MB once they run. These are V8's 400 and 3,000 calls for a sidecar that is not busy: one that is gives
  // itself the usual ones (sidecar/compilers.ts).
  '--invocation-count-for-maglev=20000',
  '--invocation-count-for-turbofan=40000',
]

/**
 * For glibc's malloc. The threshold is its own default, but said: otherwise it is raised with the first large block that is freed, and what the
 * start of the process has freed is kept. One arena: the compilers' threads would each keep in one of their own what they have used.
 */
export const SIDECAR_MALLOC: Readonly<Record<string, string>> = {
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_TOP_PAD_: '65536',
  MALLOC_ARENA_MAX: '1',
}
