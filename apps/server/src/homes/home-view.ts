import type { Home } from '@skycrate/contract/home/schemas'
import type { StepRecord } from '../buckets/bucket-records.ts'
import { inOrder } from '../buckets/in-order.ts'
import type { HomeRecord } from './home-records.ts'

/** A ready home as the API shows it, its steps in the order in which they are done. */
export function toHome(record: HomeRecord, steps: readonly StepRecord[]): Home {
  return {
    bucket: record.bucket,
    prefix: record.prefix,
    region: record.region,
    state: 'ready',
    layout: record.layout,
    steps: inOrder(steps).map(({ step, outcome, reason }) => ({ step, outcome, reason })),
  }
}
