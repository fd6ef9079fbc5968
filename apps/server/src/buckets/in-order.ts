import { AIMS, SETTING_OF } from './bucket-aims.ts'
import type { StepName, StepRecord } from './bucket-records.ts'

const ORDER: readonly StepName[] = ['create', ...AIMS.map((aim) => SETTING_OF[aim])]

/** Steps in the order in which they are done. */
export function inOrder(steps: readonly StepRecord[]): StepRecord[] {
  return steps.toSorted((a, b) => ORDER.indexOf(a.step) - ORDER.indexOf(b.step))
}
