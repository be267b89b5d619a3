// The parts of the comparison with Istio, each of which can be run alone.

/** `hop`: one call. `sandboxes`: many on one Service. `twenty`: pods' memory and how fast a sandbox is right. `starts`: of pods. */
export const ISTIO_PARTS = ['hop', 'sandboxes', 'twenty', 'starts'] as const
export type IstioPart = (typeof ISTIO_PARTS)[number]
