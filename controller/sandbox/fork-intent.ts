// What a fork's workload is made of, whatever its kind.

import type { Labels } from '../../kubernetes/label-selector.ts'
import type { PodTemplate } from '../../kubernetes/resources/pod-template.ts'
import type { Desired } from '../plan/desired.ts'
import type { Baseline } from './baseline.ts'

export interface ForkIntent {
  readonly baseline: Baseline
  readonly metadata: Desired['metadata']
  readonly replicas: number
  /** Labels that no other pods have. */
  readonly selector: Labels
  readonly template: PodTemplate
}
